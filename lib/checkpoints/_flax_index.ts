import { shapeProblem } from "../tensorflow/mod.ts";
import { bytesPerValue, typeName } from "./_dtypes.ts";
import type { FileReader } from "./_file_reader.ts";
import { type Item, nextItem } from "./_message_pack.ts";
import { type ArrayEntry, CheckpointError } from "./types.ts";

/** Where the values of an array are. */
export interface StoredArray extends ArrayEntry {
  /** Consecutive parts: large arrays are cut. */
  readonly parts: readonly { readonly position: number; readonly bytes: number }[];
  /** A number or a truth value, which the file holds in place of an array. */
  readonly value?: number;
}

/** FLAX's extensions of MessagePack (`flax/serialization.py`, `_MsgpackExtType`). */
const NDARRAY = 1, SCALAR = 3;
/** Marks the map of an array in parts (`flax/serialization.py`, `_chunk`). */
const CHUNKED = "__msgpack_chunked_array__";
/** No tree of parameters is deeper; a damaged file may be. */
const MAX_DEPTH = 64;

/**
 * All arrays of a FLAX checkpoint by path, without their values.
 *
 * @throws {CheckpointError} that names the first entry that is damaged or truncated
 */
export function indexFlax(file: FileReader, source: string): Map<string, StoredArray> {
  const walk = new Walk(file);
  try {
    const head = nextItem(file);
    if (head.type !== "map") throw new RangeError(`it begins with ${nameOf(head)}, not with a map`);
    walk.readMap(head.count, []);
    if (file.position !== file.size) {
      throw new RangeError(`${file.size - file.position} bytes follow after its end`);
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const where = walk.path.length === 0 ? "" : ` at ${join(walk.path)}`;
    throw new CheckpointError(`Cannot read ${source}${where}: ${error.message}`, { cause: error });
  }
  return walk.arrays;
}

/** A way through the maps of a file, from one entry to the next. */
class Walk {
  readonly arrays = new Map<string, StoredArray>();
  /** Where it is, for the error. */
  path: readonly string[] = [];
  readonly #file: FileReader;

  constructor(file: FileReader) {
    this.#file = file;
  }

  readMap(count: number, parent: readonly string[]): void {
    if (parent.length >= MAX_DEPTH) throw new RangeError(`it is nested over ${MAX_DEPTH} deep`);
    for (let index = 0; index < count; index++) {
      this.path = [...parent, `entry ${index + 1} of ${count}`];
      const key = nextItem(this.#file);
      if (key.type !== "text") throw new RangeError(`its name is ${nameOf(key)}`);
      if (index === 0 && key.value === CHUNKED) {
        this.path = parent;
        return this.#add(parent, readChunked(this.#file, count));
      }
      this.path = [...parent, key.value];
      this.#readValue(nextItem(this.#file), this.path);
    }
    this.path = parent;
  }

  #readValue(item: Item, at: readonly string[]): void {
    switch (item.type) {
      case "map":
        return this.readMap(item.count, at);
      case "extension":
        return this.#add(at, readArray(this.#file, item));
      case "number":
        return this.#add(at, {
          dtype: item.integer ? "int64" : "float64",
          shape: [],
          parts: [],
          value: item.value,
        });
      case "constant":
        if (item.value === null) return; // an empty place of the tree
        return this.#add(at, { dtype: "bool", shape: [], parts: [], value: Number(item.value) });
      case "text":
        return; // not a part of what can be restored
      default:
        throw new RangeError(`it is ${nameOf(item)}, where an array or a map should be`);
    }
  }

  #add(at: readonly string[], array: StoredArray): void {
    const name = join(at);
    if (this.arrays.has(name)) throw new RangeError("it is there twice");
    this.arrays.set(name, array);
  }
}

/** Names of layers begin with a slash in the state of FLAX 0.2. */
function join(path: readonly string[]): string {
  return path.map((name) => name.replace(/^\/+/, "")).filter((name) => name !== "").join("/");
}

/** `msgpack.packb((shape, dtype, bytes))` in an extension. */
function readArray(file: FileReader, item: Item): StoredArray {
  if (item.type !== "extension" || item.code !== NDARRAY && item.code !== SCALAR) {
    throw new RangeError(`it is ${nameOf(item)}, where an array should be`);
  }
  const end = file.position + item.count;
  if (end > file.size) file.skip(item.count); // throws, as the file ends before
  const triple = nextItem(file);
  if (triple.type !== "array" || triple.count !== 3) {
    throw new RangeError(`its array is ${nameOf(triple)}, not one of shape, type and bytes`);
  }
  const shape = readShape(file);
  const type = nextItem(file);
  if (type.type !== "text") throw new RangeError(`its type is ${nameOf(type)}`);
  const dtype = typeName(type.value);
  const data = nextItem(file);
  // Early versions did not distinguish texts from bytes; FLAX always does.
  if (data.type !== "bytes") throw new RangeError(`its values are ${nameOf(data)}`);
  const expected = sizeOf(shape) * bytesPerValue(dtype);
  if (data.count !== expected) {
    throw new RangeError(
      `${dtype} [${shape.join(", ")}] takes ${expected} bytes, and it has ${data.count}`,
    );
  }
  const { position } = file;
  file.skip(data.count);
  if (file.position !== end) throw new RangeError(`its array ends at ${file.position}, not ${end}`);
  return { dtype, shape, parts: [{ position, bytes: data.count }] };
}

function readShape(file: FileReader): number[] {
  const head = nextItem(file);
  if (head.type !== "array" || head.count > 16) {
    throw new RangeError(`its shape is ${nameOf(head)}`);
  }
  return sound(Array.from({ length: head.count }, () => readSize(file)));
}

function sound(shape: number[]): number[] {
  const problem = shapeProblem(shape);
  if (problem) throw new RangeError(`its shape has ${problem}`);
  return shape;
}

function readSize(file: FileReader): number {
  const item = nextItem(file);
  if (item.type !== "number" || !item.integer || item.value < 0) {
    throw new RangeError(`its shape has ${nameOf(item)}`);
  }
  return item.value;
}

/** `{__msgpack_chunked_array__: true, shape: {"0": …}, chunks: {"0": …}}`, after the first name. */
function readChunked(file: FileReader, count: number): StoredArray {
  nextItem(file);
  if (count !== 3) throw new RangeError(`its map of parts has ${count} entries, not 3`);
  const shape = sound(entriesOf(file, "shape", () => readSize(file)));
  const chunks = entriesOf(file, "chunks", () => readArray(file, nextItem(file)));
  const { dtype } = chunks[0] ?? { dtype: "float32" };
  const values = chunks.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (values !== sizeOf(shape) || chunks.some((chunk) => chunk.dtype !== dtype)) {
    throw new RangeError(`its parts do not make an array of shape [${shape.join(", ")}]`);
  }
  return { dtype, shape, parts: chunks.flatMap(({ parts }) => parts) };
}

function entriesOf<T>(file: FileReader, name: string, value: () => T): T[] {
  const key = nextItem(file);
  const head = nextItem(file);
  if (key.type !== "text" || key.value !== name || head.type !== "map") {
    throw new RangeError(`its map of parts has ${nameOf(key)}, not ${name}`);
  }
  const values: T[] = [];
  for (let index = 0; index < head.count; index++) {
    const at = nextItem(file);
    if (at.type !== "text" || at.value !== `${index}`) {
      throw new RangeError(`part ${index} of its ${name} is called ${nameOf(at)}`);
    }
    values.push(value());
  }
  return values;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function nameOf(item: Item): string {
  switch (item.type) {
    case "map":
    case "array":
      return `${item.type === "map" ? "a map" : "a list"} of ${item.count}`;
    case "bytes":
      return `${item.count} bytes`;
    case "extension":
      return `extension ${item.code} of ${item.count} bytes`;
    default:
      return JSON.stringify(item.value);
  }
}
