import { type Displayable, displayable } from "./_display.ts";

/**
 * Sentences that a cell makes of its numbers, as Markdown: a paragraph, or a list of several.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { prose } from "sam/notebook";
 *
 * const errors = [0.31, 0.24];
 * assertEquals(`${prose(`The lowest error is **${Math.min(...errors)}**.`)}`, "The lowest error is **0.24**.");
 * assertEquals(`${prose(errors.map((error) => `an error of ${error}`))}`, "- an error of 0.31\n- an error of 0.24");
 * ```
 */
export function prose(sentences: string | readonly string[]): Displayable {
  const text = typeof sentences === "string"
    ? sentences
    : sentences.map((sentence) => `- ${sentence}`).join("\n");
  return displayable(() => ({ "text/markdown": text, "text/plain": text }), text);
}
