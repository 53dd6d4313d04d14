import { tf, type Tree } from "../tensorflow/mod.ts";
import { tensorOf } from "./_dtypes.ts";
import { FileReader } from "./_file_reader.ts";
import { indexFlax, type StoredArray } from "./_flax_index.ts";
import { pack } from "./_message_pack.ts";
import { CheckpointError, type CheckpointFile } from "./types.ts";

/**
 * Opens a FLAX checkpoint (`flax.serialization.to_bytes`, `flax.training.checkpoints`): those of
 * FLAX 0.2, with NumPy's codes as types, and newer ones, with names and with large arrays in parts.
 * Only names and shapes are read at first, then one array at a time: a file of 2 GB takes no more
 * memory than its largest array.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkpoints, tf } from "sam";
 *
 * const path = await Deno.makeTempFile();
 * const tree = { params: { kernel: tf.ones([2, 3]) } };
 * await Deno.writeFile(path, ReadableStream.from(checkpoints.encodeFlax(tree)));
 * {
 *   using file = checkpoints.openFlax(path);
 *   assertEquals(file.entries.get("params/kernel")?.shape, [2, 3]);
 *   assertEquals(file.read("params/kernel").shape, [2, 3]);
 * }
 * await Deno.remove(path);
 * ```
 *
 * @throws Error of the system if the file cannot be opened
 * @throws {CheckpointError} that names the first entry that is damaged or truncated
 */
export function openFlax(path: string): CheckpointFile {
  const file = new FileReader(path);
  let entries: Map<string, StoredArray>;
  try {
    entries = indexFlax(file, path);
  } catch (error) {
    file.close();
    throw error;
  }
  return {
    path,
    entries,
    read(name) {
      const array = entries.get(name);
      if (!array) throw new CheckpointError(`Cannot read ${path}: it has no ${name}`);
      try {
        return readArray(file, array);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        throw new CheckpointError(`Cannot read ${path} at ${name}: ${error.message}`, {
          cause: error,
        });
      }
    },
    [Symbol.dispose]: () => file.close(),
  };
}

function readArray(file: FileReader, { dtype, shape, parts, value }: StoredArray): tf.Tensor {
  if (value !== undefined) {
    return dtype === "bool"
      ? tf.scalar(value === 1)
      : tf.scalar(value, dtype === "int64" ? "int32" : "float32");
  }
  const data = new Uint8Array(parts.reduce((sum, { bytes }) => sum + bytes, 0));
  let filled = 0;
  for (const { position, bytes } of parts) {
    file.readInto(data.subarray(filled, filled + bytes), position);
    filled += bytes;
  }
  return tensorOf(dtype, data.buffer, shape);
}

/** Larger arrays are cut (`MAX_CHUNK_SIZE` of `flax/serialization.py`). */
const MAX_CHUNK_BYTES = 2 ** 30;

/**
 * A tree of tensors, float32 and int32, as `flax.serialization.to_bytes` writes it and
 * `msgpack_restore` reads it; lists become maps with the names "0", "1", …, as there.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkpoints, tf } from "sam";
 *
 * const pieces = [...checkpoints.encodeFlax({ params: { kernel: tf.ones([2, 3]) } })];
 * assertEquals(pieces.at(-1)?.length, 24); // the values, after names and sizes
 * ```
 *
 * @returns the file in pieces, to be written one after another
 * @throws RangeError if the tree is a single tensor
 */
export function* encodeFlax(
  tree: Tree,
  { maxChunkBytes = MAX_CHUNK_BYTES }: { readonly maxChunkBytes?: number } = {},
): Generator<Uint8Array<ArrayBuffer>> {
  if (tree instanceof tf.Tensor) {
    if (tree.size * 4 > maxChunkBytes) return yield* chunks(tree, maxChunkBytes);
    return yield* array(tree.dtype, tree.shape, valuesOf(tree));
  }
  // In the order in which JAX walks through a tree.
  const entries = Object.entries(tree as Readonly<Record<string, Tree>>)
    .sort(([a], [b]) => a < b ? -1 : 1);
  yield Uint8Array.from(pack.map(entries.length));
  for (const [name, value] of entries) {
    yield Uint8Array.from(pack.text(name));
    yield* encodeFlax(value, { maxChunkBytes });
  }
}

function* chunks(tensor: tf.Tensor, maxBytes: number): Generator<Uint8Array<ArrayBuffer>> {
  const { dtype, shape } = tensor;
  const values = valuesOf(tensor);
  const step = Math.max(1, Math.floor(maxBytes / 4));
  const count = Math.ceil(values.length / step);
  yield Uint8Array.from([
    ...pack.map(3),
    ...pack.text("__msgpack_chunked_array__"),
    ...pack.boolean(true),
    ...pack.text("shape"),
    ...pack.map(shape.length),
    ...shape.flatMap((size, axis) => [...pack.text(`${axis}`), ...pack.size(size)]),
    ...pack.text("chunks"),
    ...pack.map(count),
  ]);
  for (let index = 0; index < count; index++) {
    const part = values.subarray(index * step, (index + 1) * step);
    yield Uint8Array.from(pack.text(`${index}`));
    yield* array(dtype, [part.length], part);
  }
}

function* array(
  dtype: string,
  shape: readonly number[],
  values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
): Generator<Uint8Array<ArrayBuffer>> {
  const head = [
    ...pack.array(3),
    ...pack.array(shape.length),
    ...shape.flatMap(pack.size),
    ...pack.text(dtype),
    ...pack.bytes(values.byteLength),
  ];
  yield Uint8Array.from([...pack.extension(1, head.length + values.byteLength), ...head]);
  yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function valuesOf(tensor: tf.Tensor): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> {
  if (tensor.dtype !== "float32" && tensor.dtype !== "int32") {
    throw new TypeError(`Cannot write a tensor of ${tensor.dtype}: float32 and int32 can be`);
  }
  return tensor.dataSync() as Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
}
