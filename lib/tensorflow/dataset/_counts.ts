/** Checks of how many elements are asked for. @module */

/** Elements for which TensorFlow may take memory at once: some GB for their places alone. */
const MOST_AT_ONCE = 100_000_000;

/** Elements that may be made at the same time. */
export const MOST_PARALLEL = 4096;

/** The largest integer of 32 bits. */
export const INT32 = 2 ** 31 - 1;

/** @throws RangeError unless it is a positive integer, at most `most` */
export function requirePositive(what: string, count: number, most = MOST_AT_ONCE): void {
  if (!(Number.isInteger(count) && count > 0)) {
    throw new RangeError(`Cannot ${what} ${count}: it must be a positive integer`);
  }
  if (count > most) throw new RangeError(`Cannot ${what} ${count}: at most ${most} are possible`);
}

/** @throws RangeError unless it is an integer from 0 to 2⁵³ */
export function requireCount(what: string, count: number): void {
  if (!(Number.isSafeInteger(count) && count >= 0)) {
    throw new RangeError(`Cannot ${what} ${count} elements: it must be an integer >= 0, below 2⁵³`);
  }
}
