import { dtypeName, shapeProblem } from "../tensorflow/mod.ts";
import { Bytes } from "./_bytes.ts";
import { tableEntries } from "./_table.ts";
import type { ArrayEntry } from "./types.ts";

/** Where an array of a TensorFlow checkpoint is (`BundleEntryProto`, `tensor_bundle.proto`). */
export interface BundleEntry extends ArrayEntry {
  /** Of the data files. */
  readonly shard: number;
  readonly offset: number;
  /** In bytes. */
  readonly size: number;
  /** CRC-32C of the bytes, masked. */
  readonly sum: number;
  /** Whether its values are in other entries, a part in each. */
  readonly isSliced: boolean;
}

/** What the `.index` of a TensorFlow checkpoint says. */
export interface BundleIndex {
  /** Number of data files. */
  readonly shards: number;
  readonly entries: ReadonlyMap<string, BundleEntry>;
}

/** @throws RangeError for an index that is damaged, or whose entries are impossible */
export function parseBundleIndex(file: Uint8Array): BundleIndex {
  let shards: number | undefined;
  const entries = new Map<string, BundleEntry>();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  for (const [key, value] of tableEntries(file)) {
    if (key.length === 0) {
      shards = readHeader(value);
      continue;
    }
    if (shards === undefined) throw new RangeError("it has no header");
    // Parts of a sliced array have keys that begin with a zero byte and are not text.
    if (key[0] === 0) continue;
    let name;
    try {
      name = decoder.decode(key);
    } catch {
      throw new RangeError("a name is not UTF-8");
    }
    const entry = readEntry(value, name);
    if (entry.shard < 0 || entry.shard >= shards) {
      throw new RangeError(`${name} is in data file ${entry.shard} of ${shards}`);
    }
    entries.set(name, entry);
  }
  if (shards === undefined) throw new RangeError("it has no header");
  return { shards, entries };
}

/** `BundleHeaderProto { num_shards = 1; endianness = 2; }` */
function readHeader(bytes: Uint8Array): number {
  let shards = 1;
  for (const { field, number = 0 } of fields(bytes)) {
    if (field === 1) shards = number;
    if (field === 2 && number !== 0) throw new RangeError("it is big-endian");
  }
  if (shards < 1 || shards > MAX_SHARDS) throw new RangeError(`it claims ${shards} data files`);
  return shards;
}

/** Their number has five digits in the files' names. */
const MAX_SHARDS = 99_999;

function readEntry(bytes: Uint8Array, name: string): BundleEntry {
  let [dtype, shard, offset, size, sum, isSliced] = [0, 0, 0, 0, 0, false];
  let shape: number[] = [];
  for (const { field, number = 0, bytes: message } of fields(bytes)) {
    if (field === 1) dtype = number;
    else if (field === 2 && message) shape = readShape(message);
    else if (field === 3) shard = number;
    else if (field === 4) offset = number;
    else if (field === 5) size = number;
    else if (field === 6) sum = number;
    else if (field === 7) isSliced = true;
  }
  const problem = shapeProblem(shape);
  if (problem) throw new RangeError(`the shape of ${name} has ${problem}`);
  if (offset < 0 || size < 0) throw new RangeError(`${name} has ${size} bytes at ${offset}`);
  return { dtype: dtypeName(dtype), shape, shard, offset, size, sum, isSliced };
}

/** `TensorShapeProto { dim = 2 { size = 1; } }` */
function readShape(bytes: Uint8Array): number[] {
  const shape: number[] = [];
  for (const { field, bytes: dim } of fields(bytes)) {
    if (field !== 2 || !dim) continue;
    let size = 0;
    for (const { field, number = 0 } of fields(dim)) if (field === 1) size = number;
    shape.push(size);
  }
  return shape;
}

interface Field {
  readonly field: number;
  readonly number?: number;
  readonly bytes?: Uint8Array;
}

/** The wire format of protocol buffers. */
function* fields(message: Uint8Array): Generator<Field> {
  const bytes = new Bytes(message);
  while (bytes.left > 0) {
    const tag = bytes.varint();
    const field = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield { field, number: bytes.varint() };
        break;
      case 1:
        bytes.take(8);
        break;
      case 2:
        yield { field, bytes: bytes.counted() };
        break;
      case 5:
        yield { field, number: bytes.uint32() };
        break;
      default:
        throw new RangeError(`a field is of type ${tag % 8}`);
    }
  }
}
