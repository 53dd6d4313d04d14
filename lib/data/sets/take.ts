/** The beginning of an image set. @module */
import type { ImageSet } from "../types.ts";

/**
 * The first `count` examples, as views of the same memory; all of them if `count` is undefined.
 *
 * @throws {RangeError} unless `count` is an integer from 1 to the size of the set
 */
export function take(set: ImageSet, count?: number): ImageSet {
  if (count === undefined) return set;
  requireAvailable(set.labels.length, count);
  const [height, width, channels] = set.shape;
  return {
    images: set.images.subarray(0, count * height * width * channels),
    labels: set.labels.subarray(0, count),
    shape: set.shape,
  };
}

/** @throws {RangeError} unless `count` is an integer from 1 to what there is */
export function requireAvailable(available: number, count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= available) return;
  throw new RangeError(
    `Cannot take ${count} examples: the count must be an integer from 1 to ${available}`,
  );
}
