/**
 * Reads the IDX format of MNIST and its relatives: two zero bytes, an element type (0x08: unsigned
 * byte), the number of dimensions, each dimension as a big-endian 32-bit integer, the elements.
 *
 * @module
 */
import { reasonOf } from "../../system/mod.ts";
import { DataError } from "../data_error.ts";

const UNSIGNED_BYTE = 0x08;
const REMEDY = "delete the file and load the set again to download it anew";

/**
 * Reads a gzip-compressed IDX file of bytes.
 *
 * @param shape the dimensions the file must have; more is never unpacked nor allocated
 * @returns the elements, row-major, owned by the caller
 */
export async function readIdx(path: string, shape: readonly number[]): Promise<Uint8Array> {
  using file = await open(path);
  return await unpackIdx(pieces(file), shape, path);
}

/**
 * The same of a file that is being read.
 *
 * @param packed its pieces, small ones: each may grow a thousandfold before too much is noticed
 * @param path named in errors
 */
export async function unpackIdx(
  packed: AsyncIterable<Uint8Array<ArrayBuffer>>,
  shape: readonly number[],
  path: string,
): Promise<Uint8Array> {
  const bytes = await gunzip(packed, headerSize(shape) + elements(shape), path);
  return parseIdx(bytes, shape, path).slice();
}

/**
 * The elements of an IDX file of bytes that must have the given shape: a view, nothing is copied.
 *
 * @param path named in errors
 */
export function parseIdx(bytes: Uint8Array, shape: readonly number[], path: string): Uint8Array {
  const fail = (found: string, expected: string) =>
    new DataError(`Cannot read ${path}: found ${found}, expected ${expected}; ${REMEDY}`, path);

  const magic = (UNSIGNED_BYTE << 8) | shape.length;
  if (bytes.length < 4) throw fail(`${bytes.length} bytes`, "an IDX header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== magic) {
    throw fail(`the magic number ${view.getUint32(0)}`, `${magic} (IDX, ${describe(shape)})`);
  }
  const start = headerSize(shape);
  if (bytes.length < start) throw fail(`${bytes.length} bytes`, `a header of ${start} bytes`);
  const found = shape.map((_, i) => view.getUint32(4 + 4 * i));
  if (found.some((size, i) => size !== shape[i])) {
    throw fail(`dimensions ${found.join(" x ")}`, shape.join(" x "));
  }
  const end = start + elements(shape);
  if (bytes.length < end) throw fail(`${bytes.length} bytes (truncated)`, `${end} bytes`);
  if (bytes.length > end) throw fail(`trailing bytes after byte ${end}`, `${end} bytes`);
  return bytes.subarray(start);
}

/** Unpacks at most one byte more than `limit`: enough for the parser to see that it is too much. */
async function gunzip(
  packed: AsyncIterable<Uint8Array<ArrayBuffer>>,
  limit: number,
  path: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0, found = 0;
  async function* counted() {
    for await (const piece of packed) {
      found += piece.length;
      yield piece;
    }
  }
  try {
    const stream = ReadableStream.from(counted());
    for await (const chunk of stream.pipeThrough(new DecompressionStream("gzip"))) {
      const kept = chunk.subarray(0, limit + 1 - size);
      chunks.push(kept);
      size += kept.length;
      if (size > limit) break;
    }
  } catch (cause) {
    throw new DataError(
      `Cannot unpack ${path}: its first ${found} bytes are not a whole gzip file ` +
        `(${reasonOf(cause)}), expected one; ${REMEDY}`,
      path,
      { cause },
    );
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

async function* pieces(file: Deno.FsFile): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (;;) {
    const piece = new Uint8Array(8192);
    const size = await file.read(piece);
    if (size === null) return;
    yield piece.subarray(0, size);
  }
}

async function open(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (cause) {
    const missing = cause instanceof Deno.errors.NotFound;
    throw new DataError(
      `Cannot open ${path}: ` +
        (missing
          ? "there is no such file; download it, or give the folder that holds it as dataDir"
          : `${reasonOf(cause)}; make the file readable`),
      path,
      { cause },
    );
  }
}

const headerSize = (shape: readonly number[]) => 4 + 4 * shape.length;
const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
const describe = (shape: readonly number[]) => `bytes in ${shape.length} dimension(s)`;
