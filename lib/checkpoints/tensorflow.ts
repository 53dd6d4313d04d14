import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { tf } from "../tensorflow/mod.ts";
import { type BundleEntry, type BundleIndex, parseBundleIndex } from "./_bundle_index.ts";
import { Bytes } from "./_bytes.ts";
import { crc32c, masked } from "./_crc32c.ts";
import { bytesPerValue, tensorOf, typeName } from "./_dtypes.ts";
import { CheckpointError, type CheckpointFile } from "./types.ts";

/**
 * Opens a TensorFlow checkpoint (`tf.train.Checkpoint`, `tf.compat.v1.train.Saver`): its index is read
 * whole, its arrays one at a time, each with its check sum. Arrays that are stored in slices, as
 * partitioned variables are, cannot be read.
 *
 * ```ts
 * import { checkpoints } from "sam";
 *
 * try {
 *   const file = checkpoints.openTensorFlowCheckpoint("efficientnet-b0/model.ckpt");
 *   for (const [name, { shape }] of file.entries) console.log(name, shape);
 * } catch (error) {
 *   if (!(error instanceof checkpoints.CheckpointError)) throw error; // it is not here
 * }
 * ```
 *
 * @param path of the checkpoint, with `.index` or without
 * @throws {CheckpointError} if there is none, or its index is damaged
 */
export function openTensorFlowCheckpoint(path: string): CheckpointFile {
  const prefix = path.replace(/\.index$/, "");
  const { shards, entries } = readIndex(path, `${prefix}.index`);
  return {
    path,
    entries: new Map([...entries].map(([name, { dtype, shape }]) => [name, { dtype, shape }])),
    read(name) {
      const entry = entries.get(name);
      if (!entry) throw new CheckpointError(`Cannot read ${path}: it has no ${name}`);
      const shard = (index: number) => `${index}`.padStart(5, "0");
      return readArray(entry, name, `${prefix}.data-${shard(entry.shard)}-of-${shard(shards)}`);
    },
    [Symbol.dispose]: () => {},
  };
}

function readIndex(path: string, index: string): BundleIndex {
  if (!existsSync(index)) throw new CheckpointError(`Cannot read ${path}: there is no ${index}`);
  try {
    return parseBundleIndex(readFileSync(index));
  } catch (error) {
    throw failure(`Cannot read ${index}`, error);
  }
}

function readArray(entry: BundleEntry, name: string, file: string): tf.Tensor {
  try {
    if (entry.isSliced) throw new RangeError("it is stored in slices");
    const { dtype, shape } = entry;
    const count = shape.reduce((product, size) => product * size, 1);
    if (dtype === "string") {
      const values = strings(readBytes(file, entry), count, entry.sum);
      return tf.tensor(values as unknown as string[], [...shape], "string");
    }
    const expected = count * bytesPerValue(typeName(dtype));
    if (entry.size !== expected) {
      throw new RangeError(`${dtype} [${shape}] takes ${expected} bytes, and it has ${entry.size}`);
    }
    const bytes = readBytes(file, entry);
    if (masked(crc32c(bytes)) !== entry.sum) throw new RangeError("its values are damaged");
    return tensorOf(typeName(dtype), bytes.buffer, shape);
  } catch (error) {
    throw failure(`Cannot read ${file} at ${name}`, error);
  }
}

function readBytes(path: string, { offset, size }: BundleEntry): Uint8Array<ArrayBuffer> {
  const available = Deno.statSync(path).size;
  if (offset + size > available) {
    throw new RangeError(`it needs ${size} bytes at ${offset}, and the file has ${available}`);
  }
  const bytes = new Uint8Array(size);
  const file = openSync(path, "r");
  try {
    for (let done = 0; done < size;) {
      const count = readSync(file, bytes, done, size - done, offset + done);
      if (count === 0) throw new RangeError(`the file ends at byte ${offset + done}`);
      done += count;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}

/**
 * Strings as a checkpoint has them: all lengths, a sum of those, the texts (`WriteStringTensor`,
 * `tensor_bundle.cc`). The sums take each length as four bytes, or as eight if it needs them.
 */
function strings(stored: Uint8Array, count: number, sum: number): Uint8Array[] {
  const bytes = new Bytes(stored);
  // Each takes a byte at least.
  if (count > stored.length) throw new RangeError(`${count} strings are in ${stored.length} bytes`);
  const lengths = Array.from({ length: count }, () => bytes.varint());
  let crc = 0;
  for (const length of lengths) crc = crc32c(littleEndian(length), crc);
  const inner = bytes.take(4);
  if (masked(crc) !== new Bytes(inner).uint32()) throw new RangeError("its lengths are damaged");
  crc = crc32c(inner, crc);
  const texts = lengths.map((length) => {
    if (length < 0) throw new RangeError(`a string has ${length} bytes`);
    return bytes.take(length);
  });
  for (const text of texts) crc = crc32c(text, crc);
  if (masked(crc) !== sum || bytes.left > 0) throw new RangeError("its values are damaged");
  return texts.map((text) => Uint8Array.from(text));
}

function littleEndian(length: number): Uint8Array {
  const bytes = new Uint8Array(length > 0xffff_ffff ? 8 : 4);
  const view = new DataView(bytes.buffer);
  if (bytes.length === 8) view.setBigUint64(0, BigInt(length), true);
  else view.setUint32(0, length, true);
  return bytes;
}

function failure(action: string, error: unknown): CheckpointError {
  if (!(error instanceof Error)) throw error;
  return new CheckpointError(`${action}: ${error.message}`, { cause: error });
}
