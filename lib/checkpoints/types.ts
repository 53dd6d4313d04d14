import type { tf } from "../tensorflow/mod.ts";

/** What a checkpoint says about one of its arrays. */
export interface ArrayEntry {
  /** NumPy's name: "float32", "bfloat16", "int32", … */
  readonly dtype: string;
  /** `[]` for a number. */
  readonly shape: readonly number[];
}

/** A checkpoint of another program, from which one array at a time is read. Close it after use. */
export interface CheckpointFile extends Disposable {
  readonly path: string;
  /** All arrays and numbers by path (`optimizer/target/params/init_conv/kernel`), in the file's order. */
  readonly entries: ReadonlyMap<string, ArrayEntry>;
  /** Text that a safetensors file carries besides its arrays. */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * One array, floating point as float32, integers as int32. The tensor is the caller's.
   *
   * @throws {CheckpointError} if there is none of that name, or it cannot be read
   */
  read(name: string): tf.Tensor;
}

/** A checkpoint that cannot be read, or does not fit the network. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
}
