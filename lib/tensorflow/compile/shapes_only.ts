import type * as tf from "@tensorflow/tfjs";
import { dtypeCode } from "../native/mod.ts";
import { traced } from "./traced.ts";
import { backend } from "../backend/mod.ts";

/** A tensor without values, of a shape and dtype (default float32). */
export type PlaceholderMaker = (shape: readonly number[], dtype?: tf.DataType) => tf.Tensor;

/**
 * Runs `body` under shape inference: its operations are checked by TensorFlow and give shapes, but
 * nothing is computed, whatever the sizes are. Its tensors are disposed at the end.
 *
 * @param name of what is run, for errors
 */
export function shapesOnly<T>(name: string, body: (placeholder: PlaceholderMaker) => T): T {
  return traced(name, {}, (trace) =>
    body((shape, dtype = "float32") => {
      const output = trace.graph.placeholder(dtypeCode(dtype), shape);
      const id = trace.add(output);
      return backend.createOutputTensor({ id, shape: [...shape], dtype: output.dtype });
    }));
}
