/**
 * Values that show themselves, in Deno's own kernel, in ours and in a terminal: by the symbols
 * `Jupyter.display` and `Deno.customInspect`. Importing this module teaches it to tensors, variables
 * and TensorFlow.js's models.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { escaped } from "./_html.ts";
import { tensorHtml, tensorText } from "./tensor.ts";

export { tensorText } from "./tensor.ts";

/**
 * Gives the values of a class, or one value, a text, and where it is shown in a notebook HTML too.
 *
 * ```ts
 * import { showAs } from "sam/tensorflow";
 *
 * const loss = showAs({ value: 0.25 }, ({ value }) => `a loss of ${value}`);
 * console.log(loss); // a loss of 0.25
 * ```
 */
export function showAs<T extends object>(
  shown: T,
  text: (value: T, inside: boolean) => string,
  html: (value: T) => string = (value) => `<pre>${escaped(text(value, false))}</pre>`,
): T {
  const hidden = (value: unknown) => ({ value, configurable: true, writable: true });
  return Object.defineProperties(shown, {
    [Symbol.for("Deno.customInspect")]: hidden(
      function (this: T, _: unknown, options?: { readonly currentDepth?: number }) {
        return text(this, (options?.currentDepth ?? 0) > 0);
      },
    ),
    [Symbol.for("Jupyter.display")]: hidden(function (this: T) {
      return { "text/plain": text(this, false), "text/html": html(this) };
    }),
  });
}

showAs(tf.Tensor.prototype, tensorText, tensorHtml);
showAs(tf.LayersModel.prototype, (model) => {
  const lines: string[] = [];
  model.summary(undefined, undefined, (line: string) => lines.push(line));
  return lines.join("\n");
});
