/**
 * Reads the binary records of CIFAR: labels, a byte each, then 1,024 bytes of red, of green and of
 * blue, row by row.
 *
 * Source: https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version".
 *
 * @module
 */
import { DataError } from "../data_error.ts";
import type { ImageSet } from "../types.ts";

const SIZE = 32, PLANE = SIZE * SIZE, CHANNELS = 3;
const REMEDY = "delete the file and load the set again to download it anew";

/** What a record holds before its pixels. */
export interface RecordFormat {
  /** A label for each byte; the one called "class" is kept. */
  readonly labels: readonly ("coarse" | "class")[];
  /** Number of classes of that label. */
  readonly classes: number;
  /** The most records that a file may hold. */
  readonly maximum: number;
}

/**
 * The images and labels of files, one after another.
 *
 * @param files contents, with the paths that errors name
 * @throws DataError for a file that is not a whole number of records, holds none or too many, or a
 *   label out of range
 */
export function parseRecords(
  files: readonly (readonly [bytes: Uint8Array, path: string])[],
  { labels: kinds, classes, maximum }: RecordFormat,
): ImageSet {
  const record = kinds.length + CHANNELS * PLANE;
  const counts = files.map(([bytes, path]) => countRecords(bytes, path, record, maximum));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const images = new Uint8Array(total * CHANNELS * PLANE);
  const labels = new Int32Array(total);
  const at = kinds.indexOf("class");
  let example = 0;
  for (const [index, [bytes, path]] of files.entries()) {
    for (let i = 0; i < counts[index]!; i++, example++) {
      const start = i * record;
      const label = bytes[start + at]!;
      if (label >= classes) {
        throw new DataError(
          `Cannot use ${path}: found label ${label} for example ${i}, expected 0 to ` +
            `${classes - 1}; ${REMEDY}`,
          path,
        );
      }
      labels[example] = label;
      interleave(bytes, start + kinds.length, images, example * CHANNELS * PLANE);
    }
  }
  return { images, labels, shape: [SIZE, SIZE, CHANNELS] };
}

function countRecords(bytes: Uint8Array, path: string, record: number, maximum: number): number {
  const count = bytes.length / record;
  if (Number.isInteger(count) && count >= 1 && count <= maximum) return count;
  throw new DataError(
    `Cannot read ${path}: found ${bytes.length} bytes, expected 1 to ${maximum} records of ` +
      `${record} bytes; ${REMEDY}`,
    path,
  );
}

/** Planes of one colour each to pixels of three colours each. */
function interleave(from: Uint8Array, start: number, to: Uint8Array, target: number): void {
  for (let pixel = 0; pixel < PLANE; pixel++) {
    for (let channel = 0; channel < CHANNELS; channel++) {
      to[target + CHANNELS * pixel + channel] = from[start + PLANE * channel + pixel]!;
    }
  }
}
