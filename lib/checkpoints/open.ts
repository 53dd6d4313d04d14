import { existsSync, statSync } from "node:fs";
import { tf } from "../tensorflow/mod.ts";
import { newestCheckpoint } from "./_newest.ts";
import { openFlax } from "./flax.ts";
import { decodeSafetensors, type NumericArray } from "./safetensors.ts";
import { openTensorFlowCheckpoint } from "./tensorflow.ts";
import { CheckpointError, type CheckpointFile } from "./types.ts";

/**
 * Opens a checkpoint of any format: a file that ends with `.safetensors` (such as those of
 * `deno task train`), TensorFlow's (a path with an `.index` beside it), or else FLAX's; or the
 * newest one in a folder, whose file is then its `path`.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkpoints } from "sam";
 *
 * // `restoreVariables` shows a file that can be read.
 * assertThrows(() => checkpoints.openCheckpoint("nothing"), checkpoints.CheckpointError);
 * ```
 *
 * @throws {CheckpointError} if there is none, it is damaged, or it is unclear which of a folder is
 *   the newest
 */
export function openCheckpoint(path: string): CheckpointFile {
  if (path.endsWith(".index") || existsSync(`${path}.index`)) return openTensorFlowCheckpoint(path);
  if (!existsSync(path)) throw new CheckpointError(`Cannot read ${path}: there is no such file`);
  if (statSync(path).isDirectory()) return openCheckpoint(newestCheckpoint(path));
  if (!statSync(path).isFile()) throw new CheckpointError(`Cannot read ${path}: it is not a file`);
  return path.endsWith(".safetensors") ? openSafetensors(path) : openFlax(path);
}

const DTYPES = { F32: "float32", I32: "int32", U8: "uint8", I64: "int64", BOOL: "bool" } as const;

function openSafetensors(path: string): CheckpointFile {
  const { arrays, metadata } = read(path);
  return {
    path,
    metadata,
    entries: new Map(
      Object.entries(arrays).map(([name, { dtype, shape }]) => [name, {
        dtype: DTYPES[dtype],
        shape,
      }]),
    ),
    read(name) {
      const array = Object.hasOwn(arrays, name) ? arrays[name] : undefined;
      if (!array) throw new CheckpointError(`Cannot read ${path}: it has no ${name}`);
      return tensorOf(array, `${path} at ${name}`);
    },
    [Symbol.dispose]: () => {},
  };
}

function read(path: string) {
  try {
    return decodeSafetensors(Deno.readFileSync(path), path);
  } catch (error) {
    if (!(error instanceof Deno.errors.InvalidData)) throw error;
    throw new CheckpointError(error.message, { cause: error });
  }
}

function tensorOf({ dtype, shape, data }: NumericArray, where: string): tf.Tensor {
  switch (dtype) {
    case "F32":
      return tf.tensor(data, [...shape], "float32");
    case "I32":
      return tf.tensor(data, [...shape], "int32");
    default:
      throw new CheckpointError(`Cannot read ${where}: it is of ${DTYPES[dtype]}`);
  }
}
