import * as tf from "@tensorflow/tfjs";
import { backend } from "./backend.ts";

/** A tensor without values, of a shape and dtype (default float32). */
export type PlaceholderMaker = (shape: readonly number[], dtype?: tf.DataType) => tf.Tensor;

/**
 * Runs `body` under shape inference: its operations are checked by TensorFlow and give shapes, but
 * nothing is computed, whatever the sizes are.
 *
 * @param name of what is run, for errors
 */
export function shapesOnly<T>(name: string, body: (placeholder: PlaceholderMaker) => T): T {
  return backend.binding.tracing(name, {}, (trace) => {
    const placeholder: PlaceholderMaker = (shape, dtype = "float32") => {
      const output = trace.graph.placeholder(backend.getDTypeInteger(dtype), shape);
      return backend.createOutputTensor({
        id: trace.add(output),
        shape: [...shape],
        dtype: output.dtype,
      });
    };
    try {
      let result: T;
      tf.tidy(() => {
        result = body(placeholder);
      });
      return result!;
    } finally {
      trace.graph.delete();
    }
  });
}
