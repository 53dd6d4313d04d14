/** Indexes of TensorFlow checkpoints, as its `BundleWriter` writes them, for files that it never wrote. */
import { crc32c, masked } from "../../lib/checkpoints/_crc32c.ts";

const encoder = new TextEncoder();

function varint(value: number): number[] {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return [...bytes, value];
}

const field = (number: number, value: number | readonly number[]) =>
  typeof value === "number"
    ? [...varint(number * 8), ...varint(value)]
    : [...varint(number * 8 + 2), ...varint(value.length), ...value];

const uint32 = (value: number) => [0, 8, 16, 24].map((shift) => value >>> shift & 255);

/** A `BundleEntryProto`. */
export function entry(
  { dtype = 1, shape = [] as readonly number[], shard = 0, offset = 0, size = 0, sum = 0 },
): number[] {
  const dims = shape.flatMap((size) => field(2, field(1, size)));
  return [
    ...field(1, dtype),
    ...field(2, dims),
    ...field(3, shard),
    ...field(4, offset),
    ...field(5, size),
    ...[6 * 8 + 5, ...uint32(sum)],
  ];
}

/** A block of a table: entries in order, each with its whole key. */
export function block(entries: readonly (readonly [key: string, value: readonly number[]])[]) {
  const bytes = entries.flatMap(([key, value]) => {
    const name = encoder.encode(key);
    return [...varint(0), ...varint(name.length), ...varint(value.length), ...name, ...value];
  });
  return Uint8Array.from([...bytes, ...uint32(0), ...uint32(1)]);
}

/** The block of a checkpoint of two arrays of zeros, in a data file of 64 zero bytes. */
export function indexBlock(): Uint8Array {
  const sum = (bytes: number) => masked(crc32c(new Uint8Array(bytes)));
  return block([
    ["", field(1, 1)],
    ["layer/bias", entry({ shape: [3], size: 12, sum: sum(12) })],
    ["layer/kernel", entry({ shape: [2, 3], offset: 12, size: 24, sum: sum(24) })],
  ]);
}

/** A whole `.index` of one block, with its check sum. */
export function bundleIndex(data: Uint8Array): Uint8Array {
  const file: number[] = [];
  const add = (block: Uint8Array): number[] => {
    const handle = [...varint(file.length), ...varint(block.length)];
    for (const byte of block) file.push(byte);
    file.push(0, ...uint32(masked(crc32c(Uint8Array.from([...block, 0])))));
    return handle;
  };
  const index = block([["~", add(data)]]);
  const handles = [...add(block([])), ...add(index)];
  const padding = new Array<number>(40 - handles.length).fill(0);
  const magic = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];
  return Uint8Array.from([...file, ...handles, ...padding, ...magic]);
}
