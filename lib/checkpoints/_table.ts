/**
 * The tables of LevelDB (`lib/io/table_format.txt` of TensorFlow): sorted keys and values in blocks,
 * an index of the blocks, and a footer. It is written here because TensorFlow's own reader trusts
 * what it reads, and ends the process where that is hostile.
 */
import { Bytes } from "./_bytes.ts";
import { crc32c, masked } from "./_crc32c.ts";

const FOOTER = 48;
/** The last eight bytes, little-endian. */
const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];
/** Bytes after a block: its compression and its sum. */
const TRAILER = 5;

/** Keys are compared as bytes, and are as long as paths at most. */
const MAX_KEY = 1 << 12;

/**
 * All entries of a table, in order.
 *
 * @throws RangeError for what is not a table, or is damaged, compressed or out of order
 */
export function* tableEntries(file: Uint8Array): Generator<[key: Uint8Array, value: Uint8Array]> {
  if (file.length < FOOTER) {
    throw new RangeError(`it has ${file.length} bytes, too few for a table`);
  }
  const footer = file.subarray(file.length - FOOTER);
  if (!MAGIC.every((byte, at) => footer[FOOTER - 8 + at] === byte)) {
    throw new RangeError("it does not end as a table does");
  }
  const handles = new Bytes(footer.subarray(0, FOOTER - 8));
  readHandle(handles); // of the metaindex
  let last: Uint8Array | undefined;
  for (const [, handle] of blockEntries(block(file, readHandle(handles)))) {
    for (const [key, value] of blockEntries(block(file, readHandle(new Bytes(handle))))) {
      if (last && compare(last, key) >= 0) throw new RangeError("its keys are not in order");
      last = key;
      yield [key, value];
    }
  }
}

interface Handle {
  readonly offset: number;
  readonly size: number;
}

function readHandle(bytes: Bytes): Handle {
  return { offset: bytes.varint(), size: bytes.varint() };
}

function block(file: Uint8Array, { offset, size }: Handle): Uint8Array {
  const end = offset + size + TRAILER;
  if (offset < 0 || size < 0 || end > file.length - FOOTER) {
    throw new RangeError(`it claims a block of ${size} bytes at ${offset} of ${file.length}`);
  }
  const trailer = new Bytes(file.subarray(offset + size, end));
  const type = trailer.take(1)[0]!;
  if (masked(crc32c(file.subarray(offset, offset + size + 1))) !== trailer.uint32()) {
    throw new RangeError(`its block at byte ${offset} is damaged`);
  }
  if (type !== 0) throw new RangeError(`its block at byte ${offset} is compressed (${type})`);
  return file.subarray(offset, offset + size);
}

/** Entries share the beginning of their key with the one before; positions of those that do not follow. */
function* blockEntries(block: Uint8Array): Generator<[key: Uint8Array, value: Uint8Array]> {
  const tail = new Bytes(block.subarray(Math.max(0, block.length - 4)));
  const restarts = tail.uint32();
  const end = block.length - 4 - 4 * restarts;
  if (end < 0) throw new RangeError(`a block of ${block.length} bytes claims ${restarts} starts`);
  const bytes = new Bytes(block.subarray(0, end));
  let key: Uint8Array = new Uint8Array();
  while (bytes.left > 0) {
    const [shared, rest, size] = [bytes.varint(), bytes.varint(), bytes.varint()];
    if (shared < 0 || shared > key.length || rest < 0 || size < 0 || shared + rest > MAX_KEY) {
      throw new RangeError(`an entry claims a key of ${shared} and ${rest} bytes`);
    }
    const next = new Uint8Array(shared + rest);
    next.set(key.subarray(0, shared));
    next.set(bytes.take(rest), shared);
    key = next;
    yield [key, bytes.take(size)];
  }
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
  return a.length - b.length;
}
