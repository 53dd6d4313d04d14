/**
 * Reads the numeric arrays of MATLAB's MAT files, version 5, one after another and in a stream: the
 * packages of npm unpack a file as a whole, where SVHN's largest has 1.6 GB.
 *
 * Source: "MAT-File Format", MathWorks, chapter 1.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { createInflate } from "node:zlib";
import { reasonOf } from "../../system/mod.ts";
import { DataError } from "../data_error.ts";

const HEADER = 128;
/** Types of elements. */
const COMPRESSED = 15, MATRIX = 14, UNSIGNED_BYTES = 2, INTS = 5, UNSIGNED_INTS = 6, NAME = 1;
const DOUBLES = 9;
/** Longest name or list of sizes that is believed. */
const MAX_DESCRIPTION = 64;
/** Deflate makes at most so many bytes of one. */
const MAX_COMPRESSION = 1032;

/** An array of a file, before its values. */
export interface MatArray {
  readonly name: string;
  /** Sizes; the first index moves fastest. */
  readonly shape: readonly number[];
  /** Of the values in the file. */
  readonly type: "uint8" | "float64";
  /** The values, in pieces, little-endian. It may be left unread. */
  values(): AsyncIterable<Uint8Array>;
}

/**
 * The arrays of a file in its order.
 *
 * @throws {DataError} for a file that is not of that format, is damaged, or promises more than it can hold
 */
export async function* readMat(path: string): AsyncGenerator<MatArray> {
  const size = await sizeOf(path);
  const fail = (problem: string, cause?: unknown) =>
    new DataError(
      `Cannot read ${path}: ${problem}; delete the file and load the set again to download it anew`,
      path,
      { cause },
    );
  const header = new ByteReader(createReadStream(path, { end: HEADER - 1 }));
  const text = await header.take(HEADER).catch((cause) => {
    throw fail(`found ${size} bytes, expected a MAT file`, cause);
  });
  if (
    String.fromCharCode(text[126]!, text[127]!) !== "IM" ||
    view(text).getUint16(124, true) !== 0x0100
  ) {
    throw fail("found no header of a MAT file, version 5, little-endian");
  }
  for (let at = HEADER; at < size;) {
    if (at + 8 > size) throw fail(`found ${size - at} bytes after its last array`);
    const tag = new ByteReader(createReadStream(path, { start: at, end: at + 7 }));
    const [type, bytes] = uint32s(await tag.take(8));
    const start = type === COMPRESSED ? at + 8 : at, end = at + 8 + bytes!;
    if (type !== COMPRESSED && type !== MATRIX) {
      throw fail(`found an element of type ${type} at ${at}`);
    }
    if (bytes === 0) throw fail(`its array at byte ${at} is empty`);
    if (end > size) {
      throw fail(
        `its array at byte ${at} ends at byte ${end}, the file at ${size}: it is truncated`,
      );
    }
    const packed = createReadStream(path, { start, end: end - 1 });
    const unpacked = type === COMPRESSED ? inflated(packed) : packed;
    const limit = type === COMPRESSED ? MAX_COMPRESSION * bytes! : bytes!;
    try {
      yield await readArray(new ByteReader(unpacked), limit, fail);
    } catch (error) {
      if (error instanceof DataError) throw error;
      const reason = reasonOf(error);
      throw fail(`its array at byte ${at} is damaged (${reason})`, error);
    } finally {
      packed.destroy();
    }
    at = end;
  }
}

function inflated(packed: ReturnType<typeof createReadStream>): AsyncIterable<Uint8Array> {
  const inflate = createInflate();
  packed.on("error", (error) => inflate.destroy(error));
  return packed.pipe(inflate);
}

type Fail = (problem: string, cause?: unknown) => DataError;

async function readArray(reader: ByteReader, limit: number, fail: Fail): Promise<MatArray> {
  const [matrix] = uint32s(await reader.take(8));
  if (matrix !== MATRIX) throw fail(`found an element of type ${matrix}, expected an array`);
  const flags = await readElement(reader, UNSIGNED_INTS, fail);
  const sizes = await readElement(reader, INTS, fail);
  const name = new TextDecoder().decode(await readElement(reader, NAME, fail));
  if (flags.length !== 8 || sizes.length < 8 || sizes.length % 4 !== 0) {
    throw fail("found an array without class or sizes");
  }
  const shape = uint32s(sizes);
  const { type, bytes, inline } = await readTag(reader);
  const width = type === UNSIGNED_BYTES ? 1 : type === DOUBLES ? 8 : undefined;
  if (width === undefined) throw fail(`found values of type ${type} in the array ${name}`);
  const expected = shape.reduce((product, size) => product * size, width);
  if (bytes !== expected || bytes > limit) {
    throw fail(`found ${bytes} bytes for the array ${name} of ${shape.join(" x ")}`);
  }
  return {
    name,
    shape,
    type: width === 1 ? "uint8" : "float64",
    async *values() {
      if (inline) return yield inline;
      try {
        yield* reader.pieces(bytes);
      } catch (error) {
        const reason = reasonOf(error);
        throw fail(`its array ${name} is damaged (${reason})`, error);
      }
    },
  };
}

/** A tag; of small elements the data are in it. */
async function readTag(reader: ByteReader) {
  const tag = await reader.take(8);
  const [first, second] = uint32s(tag) as [number, number];
  const small = first >>> 16;
  if (small === 0) return { type: first, bytes: second, inline: undefined };
  return { type: first & 0xffff, bytes: small, inline: tag.slice(4, 4 + Math.min(small, 4)) };
}

/** A short element, with the bytes that fill it up to a multiple of eight. */
async function readElement(reader: ByteReader, expected: number, fail: Fail): Promise<Uint8Array> {
  const { type, bytes, inline } = await readTag(reader);
  if (type !== expected || bytes > MAX_DESCRIPTION) {
    throw fail(`found ${bytes} bytes of type ${type} in the description of an array`);
  }
  if (inline) return inline;
  return (await reader.take(Math.ceil(bytes / 8) * 8)).slice(0, bytes);
}

/** Bytes of a stream, as many as are asked for. */
class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#pieces = stream[Symbol.asyncIterator]();
  }

  /** @throws Error if there are not so many */
  async take(count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    let filled = 0;
    for await (const piece of this.pieces(count)) {
      bytes.set(piece, filled);
      filled += piece.length;
    }
    return bytes;
  }

  /** The next bytes in pieces. @throws Error if there are not so many */
  async *pieces(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0;) {
      if (this.#rest.length === 0) {
        const { value, done } = await this.#pieces.next();
        if (done) throw new Error(`${left} of ${count} bytes are missing`);
        this.#rest = value;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new DataError(`Cannot read ${path}: ${reason}`, path, { cause });
  }
}

function view({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function uint32s(bytes: Uint8Array): number[] {
  const data = view(bytes);
  return Array.from({ length: bytes.length / 4 }, (_, index) => data.getUint32(4 * index, true));
}
