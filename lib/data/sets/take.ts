/** The beginning of an image set. @module */
import { OptionError } from "../data_error.ts";
import type { ImageSet } from "../types.ts";

/**
 * The first `count` examples, as views of the same memory; all of them if `count` is undefined.
 *
 * @example
 * ```ts
 * import { take } from "../mod.ts";
 *
 * const set = { images: new Uint8Array(48), labels: Int32Array.of(2, 0, 1), shape: [4, 4, 1] as const };
 * console.assert(take(set, 2).images.length === 32);
 * ```
 *
 * @param option what an error says is to blame
 * @throws {OptionError} unless `count` is an integer from 1 to the size of the set
 */
export function take(set: ImageSet, count?: number, option = "count"): ImageSet {
  if (count === undefined) return set;
  requireAvailable(set.labels.length, count, option);
  const [height, width, channels] = set.shape;
  return {
    images: set.images.subarray(0, count * height * width * channels),
    labels: set.labels.subarray(0, count),
    shape: set.shape,
  };
}

/** @throws {OptionError} unless `count` is an integer from 1 to what there is */
export function requireAvailable(available: number, count: number, option: string): void {
  if (Number.isInteger(count) && count >= 1 && count <= available) return;
  throw new OptionError(
    option,
    `Cannot take ${count} examples: the count must be an integer from 1 to ${available}`,
  );
}
