import os from "node:os";
import { backend, tf } from "../tensorflow/mod.ts";
import type { Displayable } from "./_display.ts";
import { table } from "./table.ts";

/** What the head of a notebook states. */
export interface HeadOptions {
  /** What is done, in a sentence. */
  readonly what: string;
  /** How long it takes, and on what. */
  readonly time: string;
  readonly seeds: readonly number[];
}

/**
 * The head of a notebook: what, how long, on which machine, with which seeds.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { head } from "sam/notebook";
 *
 * const shown = head({ what: "Radius", time: "a minute", seeds: [0, 1] });
 * assertStringIncludes(`${shown}`, "a minute");
 * ```
 */
export function head({ what, time, seeds }: HeadOptions): Displayable {
  return table({
    caption: "This notebook",
    columns: ["", "value"],
    rows: [
      ["what", what],
      ["time", time],
      ["machine", machine()],
      ["seeds", seeds.join(", ")],
    ],
  });
}

/**
 * The foot of a notebook: what it was run with.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { versions } from "sam/notebook";
 *
 * assertStringIncludes(`${versions()}`, Deno.version.deno);
 * ```
 */
export function versions(): Displayable {
  return table({
    caption: "Versions",
    columns: ["", "version"],
    rows: [
      ["Deno", Deno.version.deno],
      ["TypeScript", Deno.version.typescript],
      ["TensorFlow", String(backend.binding.TF_Version)],
      ["TensorFlow.js", tf.version["tfjs-core"]],
      ["run on", new Date().toISOString().slice(0, 10)],
    ],
  });
}

function machine(): string {
  const gigabytes = Math.round(os.totalmem() / 2 ** 30);
  return `${os.cpus().length} × ${os.cpus()[0]?.model ?? os.arch()}, ${gigabytes} GiB`;
}
