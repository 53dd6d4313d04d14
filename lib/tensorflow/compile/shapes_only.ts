import type * as tf from "@tensorflow/tfjs";
import { dtypeCode } from "../native/mod.ts";
import { placeholder } from "./trace_function.ts";
import { traced } from "./traced.ts";

/** A tensor without values, of a shape and dtype (default float32). */
export type PlaceholderMaker = (shape: readonly number[], dtype?: tf.DataType) => tf.Tensor;

/**
 * Runs `body` under shape inference: its operations are checked by TensorFlow and give shapes, but
 * nothing is computed, whatever the sizes are. Its tensors are disposed at the end.
 *
 * ```ts
 * import { shapesOnly, tf } from "sam";
 * const shape = shapesOnly("a product of millions", (placeholder) =>
 *   tf.matMul(placeholder([1e6, 1e6]), placeholder([1e6, 2])).shape);
 * console.log(shape); // [1000000, 2]
 * ```
 *
 * @param name of what is run, for errors
 */
export function shapesOnly<T>(name: string, body: (placeholder: PlaceholderMaker) => T): T {
  return traced(
    name,
    { anySize: true },
    (trace) =>
      body((shape, dtype = "float32") => placeholder(trace, dtypeCode(dtype), shape).tensor),
  );
}
