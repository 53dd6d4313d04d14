/**
 * The safetensors file format: named arrays and a map of strings in one file, which NumPy, PyTorch
 * and JAX read (https://huggingface.co/docs/safetensors). The file holds the header's length
 * (8 bytes, little-endian), the header (JSON) and the arrays' raw little-endian bytes.
 *
 * It is written here because no npm package writes it (`safetensors@0.0.1` only reads, unchecked).
 */

import { isRecord, reasonOf } from "../system/mod.ts";
import { shapeProblem } from "../tensorflow/mod.ts";

/** The typed array of each data type, in the order in which Python's library lays them out. */
interface DataTypes {
  I64: BigInt64Array;
  F32: Float32Array;
  I32: Int32Array;
  U8: Uint8Array;
  BOOL: Uint8Array;
}

/** Data types of the format that we use, by its names. */
export type Dtype = keyof DataTypes;

/** One array: row-major data of a shape; `[]` is a scalar. `dtype` determines the type of `data`. */
export type NumericArray = {
  [D in Dtype]: {
    readonly dtype: D;
    readonly shape: readonly number[];
    readonly data: DataTypes[D];
  };
}[Dtype];

/** Arrays by name. */
export type NamedArrays = Readonly<Record<string, NumericArray>>;

/** What a safetensors file holds. */
export interface Safetensors {
  readonly arrays: NamedArrays;
  readonly metadata: Readonly<Record<string, string>>;
}

const CONSTRUCTORS = {
  I64: BigInt64Array,
  F32: Float32Array,
  I32: Int32Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;
interface DataConstructor {
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): NumericArray["data"];
  readonly BYTES_PER_ELEMENT: number;
}
const FILE_ORDER = Object.keys(CONSTRUCTORS);
const METADATA = "__metadata__";
/** The reference implementation's limit. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Encodes arrays as a safetensors file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkpoints } from "sam";
 *
 * const kernel = { dtype: "F32", shape: [2, 1], data: Float32Array.of(0.5, 1) } as const;
 * const pieces = checkpoints.encodeSafetensors({ kernel }, { epoch: "3" });
 * const file = new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
 * assertEquals(checkpoints.decodeSafetensors(file).arrays.kernel?.shape, [2, 1]);
 * ```
 *
 * @returns The file in pieces to be written one after another: the header, then a view of each
 *   array's own memory (nothing is copied, so the arrays must not change before the pieces are
 *   written).
 */
export function encodeSafetensors(
  arrays: NamedArrays,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const entries = Object.entries(arrays).sort(([nameA, a], [nameB, b]) =>
    FILE_ORDER.indexOf(a.dtype) - FILE_ORDER.indexOf(b.dtype) || (nameA < nameB ? -1 : 1)
  );
  let end = 0;
  const header = entries.map(([name, array]): [string, unknown] => {
    checkArray(name, array);
    const begin = end;
    end += array.data.byteLength;
    return [name, { dtype: array.dtype, shape: array.shape, data_offsets: [begin, end] }];
  });
  if (Object.keys(metadata).length > 0) header.unshift([METADATA, metadata]);
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  // Spaces up to a multiple of 8, so that readers can view the data in place.
  const head = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - 8), true);
  head.set(json, 8);
  const pieces = entries.map(([, { data }]) =>
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  );
  return [head, ...pieces];
}

/**
 * Decodes a safetensors file. Every length, offset, type and shape is checked first: the arrays
 * must fill the file exactly, without holes or overlaps.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkpoints } from "sam";
 *
 * // `encodeSafetensors` shows a file that can be read.
 * assertThrows(() => checkpoints.decodeSafetensors(new Uint8Array(4)), Deno.errors.InvalidData);
 * ```
 *
 * @param source Names the file in errors.
 * @returns Arrays that view `bytes` where the alignment allows it, and copies elsewhere.
 */
export function decodeSafetensors(bytes: Uint8Array, source = "safetensors data"): Safetensors {
  const invalid = (problem: string) =>
    new Deno.errors.InvalidData(`Cannot read ${source}: ${problem}`);
  if (bytes.length < 8) throw invalid(`it has ${bytes.length} bytes, less than a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > bytes.length) {
    throw invalid(`its header claims ${headerBytes} bytes of ${bytes.length - 8}`);
  }
  const { [METADATA]: metadata = {}, ...entries } = parseHeader();
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== "string")) {
    throw invalid("its metadata is not a map of strings");
  }
  const parts = Object.entries(entries).map(([name, entry]) => {
    const problem = findEntryProblem(entry);
    if (problem) throw invalid(`tensor ${JSON.stringify(name)} ${problem}`);
    return { name, ...(entry as HeaderEntry) };
  }).sort((a, b) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);

  const dataStart = 8 + headerBytes;
  let filled = 0;
  const arrays = parts.map(({ name, dtype, shape, data_offsets: [begin, end] }) => {
    const tensor = `tensor ${JSON.stringify(name)}`;
    if (begin !== filled) {
      const what = begin < filled ? "overlaps the tensor before it" : "leaves a hole before it";
      throw invalid(`${tensor} ${what} (begins at ${begin}, expected ${filled})`);
    }
    if (dataStart + end > bytes.length) {
      throw invalid(
        `${tensor} ends at byte ${dataStart + end} of ${bytes.length}: it is truncated`,
      );
    }
    filled = end;
    const offset = bytes.byteOffset + dataStart + begin;
    const TypedArray: DataConstructor = CONSTRUCTORS[dtype];
    const data = offset % TypedArray.BYTES_PER_ELEMENT === 0
      ? new TypedArray(bytes.buffer, offset, (end - begin) / TypedArray.BYTES_PER_ELEMENT)
      : new TypedArray(bytes.slice(dataStart + begin, dataStart + end).buffer);
    return [name, { dtype, shape, data } as NumericArray] as const;
  });
  if (dataStart + filled !== bytes.length) {
    throw invalid(
      `${bytes.length - dataStart - filled} bytes after the last tensor belong to none`,
    );
  }
  return { arrays: Object.fromEntries(arrays), metadata: metadata as Record<string, string> };

  function parseHeader(): Record<string, unknown> {
    let header: unknown;
    try {
      const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
      header = JSON.parse(decoder.decode(bytes.subarray(8, 8 + headerBytes)));
    } catch (error) {
      throw invalid(`its header is not JSON (${reasonOf(error)})`);
    }
    if (!isRecord(header)) throw invalid("its header is not a JSON object");
    return header;
  }
}

interface HeaderEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function findEntryProblem(entry: unknown): string | undefined {
  if (!isRecord(entry)) return "has no description";
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string" || !Object.hasOwn(CONSTRUCTORS, dtype)) {
    return `has type ${JSON.stringify(dtype)}, not one of ${FILE_ORDER.join(", ")}`;
  }
  if (!isSizes(shape)) return `has shape ${JSON.stringify(shape)}`;
  const problem = shapeProblem(shape);
  if (problem) return `has ${problem}`;
  if (!isSizes(offsets) || offsets.length !== 2) return `has offsets ${JSON.stringify(offsets)}`;
  const bytes = sizeOf(shape) * CONSTRUCTORS[dtype as Dtype].BYTES_PER_ELEMENT;
  if (offsets[1]! - offsets[0]! !== bytes) {
    return `needs ${bytes} bytes for shape [${shape}], but has offsets [${offsets}]`;
  }
}

function checkArray(name: string, { dtype, shape, data }: NumericArray): void {
  const action = `Cannot encode tensor ${JSON.stringify(name)}`;
  if (name === "" || name === METADATA) throw new TypeError(`${action}: the name is reserved`);
  if (!(data instanceof CONSTRUCTORS[dtype])) {
    throw new TypeError(`${action}: ${dtype} needs ${CONSTRUCTORS[dtype].name} data`);
  }
  if (!isSizes(shape) || sizeOf(shape) !== data.length) {
    throw new RangeError(`${action}: shape [${shape}] does not hold ${data.length} elements`);
  }
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
