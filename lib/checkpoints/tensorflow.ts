import { CheckpointReader, TensorFlowError, tf } from "../tensorflow/mod.ts";
import { tensorOf, typeName } from "./_dtypes.ts";
import { CheckpointError, type CheckpointFile } from "./types.ts";

/**
 * Opens a TensorFlow checkpoint (`tf.train.Checkpoint`, `tf.compat.v1.train.Saver`) with TensorFlow's
 * own reader.
 *
 * @param path of the checkpoint, with `.index` or without
 * @throws {CheckpointError} if there is none, or its index is damaged
 */
export function openTensorFlowCheckpoint(path: string): CheckpointFile {
  const prefix = path.replace(/\.index$/, "");
  const reader = translated(() => new CheckpointReader(prefix));
  return {
    path,
    entries: reader.entries,
    read(name) {
      const entry = reader.entries.get(name);
      if (!entry) throw new CheckpointError(`Cannot read ${path}: it has no ${name}`);
      const { dtype, shape } = entry;
      const values = translated(() => reader.read(name));
      if (Array.isArray(values)) return tf.tensor(values as unknown as string[], shape, "string");
      return translated(() => tensorOf(typeName(dtype), values.buffer as ArrayBuffer, shape));
    },
    [Symbol.dispose]: () => reader.delete(),
  };

  function translated<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof TensorFlowError || error instanceof RangeError)) throw error;
      const message = error instanceof RangeError
        ? `Cannot read ${path}: ${error.message}`
        : error.message;
      throw new CheckpointError(message, { cause: error });
    }
  }
}
