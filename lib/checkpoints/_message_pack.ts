/**
 * The part of MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) that FLAX's
 * checkpoints are made of. It is ours because the packages of npm decode a file as a whole, where an
 * index with the positions of the arrays is needed, so that gigabytes are read one array at a time.
 */
import type { FileReader } from "./_file_reader.ts";

/** What follows in the file; for bytes, only where they are. */
export type Item =
  | { readonly type: "map"; readonly count: number }
  | { readonly type: "array"; readonly count: number }
  | { readonly type: "text"; readonly value: string }
  | { readonly type: "number"; readonly value: number; readonly integer: boolean }
  | { readonly type: "constant"; readonly value: boolean | null }
  | { readonly type: "bytes"; readonly count: number }
  | { readonly type: "extension"; readonly code: number; readonly count: number };

/** Longest name or type that is believed. */
const MAX_TEXT = 1 << 12;

/**
 * Reads the head of the next item, and all of it if it is a text, a number or a constant. The bytes
 * of others stand at the reader's position.
 *
 * @throws RangeError for what is not MessagePack or is out of proportion; EndOfFile
 */
export function nextItem(file: FileReader): Item {
  const unsigned = (bytes: number) => file.next(bytes).readUIntBE(0, bytes);
  const head = file.next(1)[0]!;
  if (head < 0x80) return integer(head);
  if (head < 0x90) return { type: "map", count: head & 0x0f };
  if (head < 0xa0) return { type: "array", count: head & 0x0f };
  if (head < 0xc0) return text(file, head & 0x1f);
  if (head >= 0xe0) return integer(head - 0x100);
  switch (head) {
    case 0xc0:
      return { type: "constant", value: null };
    case 0xc2:
    case 0xc3:
      return { type: "constant", value: head === 0xc3 };
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return { type: "bytes", count: unsigned(1 << (head - 0xc4)) };
    case 0xc7:
    case 0xc8:
    case 0xc9:
      return extension(file, unsigned(1 << (head - 0xc7)));
    case 0xca:
      return { type: "number", value: file.next(4).readFloatBE(), integer: false };
    case 0xcb:
      return { type: "number", value: file.next(8).readDoubleBE(), integer: false };
    case 0xcc:
    case 0xcd:
    case 0xce:
      return integer(unsigned(1 << (head - 0xcc)));
    case 0xcf:
      return integer(Number(file.next(8).readBigUInt64BE()));
    case 0xd0:
    case 0xd1:
    case 0xd2: {
      const bytes = 1 << (head - 0xd0);
      return integer(file.next(bytes).readIntBE(0, bytes));
    }
    case 0xd3:
      return integer(Number(file.next(8).readBigInt64BE()));
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      return extension(file, 1 << (head - 0xd4));
    case 0xd9:
    case 0xda:
    case 0xdb:
      return text(file, unsigned(1 << (head - 0xd9)));
    case 0xdc:
    case 0xdd:
      return { type: "array", count: unsigned(2 << (head - 0xdc)) };
    case 0xde:
    case 0xdf:
      return { type: "map", count: unsigned(2 << (head - 0xde)) };
  }
  throw new RangeError(`byte ${file.position - 1} is not MessagePack (0x${head.toString(16)})`);
}

function integer(value: number): Item {
  return { type: "number", value, integer: true };
}

function extension(file: FileReader, count: number): Item {
  return { type: "extension", code: file.next(1).readInt8(), count };
}

function text(file: FileReader, count: number): Item {
  if (count > MAX_TEXT) {
    throw new RangeError(`byte ${file.position} begins a text of ${count} bytes`);
  }
  return { type: "text", value: file.next(count).toString("utf8") };
}

/** Heads, as short as they can be, as Python's `msgpack` writes them. */
export const pack = {
  map: (count: number) => counted(count, [0x80, 15], [0xde, 2], [0xdf, 4]),
  array: (count: number) => counted(count, [0x90, 15], [0xdc, 2], [0xdd, 4]),
  bytes: (count: number) => counted(count, undefined, [0xc4, 1], [0xc5, 2], [0xc6, 4]),

  text(value: string): number[] {
    const bytes = new TextEncoder().encode(value);
    const head = counted(bytes.length, [0xa0, 31], [0xd9, 1], [0xda, 2], [0xdb, 4]);
    return [...head, ...bytes];
  },

  extension(code: number, count: number): number[] {
    const fixed = [1, 2, 4, 8, 16].indexOf(count);
    const head = fixed >= 0
      ? [0xd4 + fixed]
      : counted(count, undefined, [0xc7, 1], [0xc8, 2], [0xc9, 4]);
    return [...head, code];
  },

  /** @throws RangeError for numbers that are not integers in 0 … 2⁵³ */
  size(value: number): number[] {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`Cannot write ${value} as a size`);
    }
    if (value > 0xffff_ffff) return [0xcf, ...bigEndian(value, 8)];
    return counted(value, [0, 0x7f], [0xcc, 1], [0xcd, 2], [0xce, 4]);
  },

  boolean: (value: boolean) => [value ? 0xc3 : 0xc2],
};

/** A count in the first form that can hold it: in the head's own byte, or in bytes after it. */
function counted(
  count: number,
  inline: readonly [head: number, max: number] | undefined,
  ...forms: readonly (readonly [head: number, bytes: number])[]
): number[] {
  if (inline && count <= inline[1]) return [inline[0] + count];
  const [head, bytes] = forms.find(([, bytes]) => count < 2 ** (8 * bytes)) ?? [];
  if (head === undefined) throw new RangeError(`Cannot write ${count} items or bytes in one piece`);
  return [head, ...bigEndian(count, bytes!)];
}

function bigEndian(value: number, bytes: number): number[] {
  return Array.from(
    { length: bytes },
    (_, at) => Math.floor(value / 2 ** (8 * (bytes - 1 - at))) % 256,
  );
}
