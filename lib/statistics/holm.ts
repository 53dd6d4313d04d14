/**
 * p-values corrected by Holm for having tested them all at once: rejecting where the result is at most
 * α, one errs with probability at most α in any of them, however they depend on each other.
 *
 * Source: Holm 1979, "A simple sequentially rejective multiple test procedure".
 *
 * @example
 * ```ts
 * import { statistics } from "sam";
 *
 * console.log(statistics.holm([0.01, 0.04, 0.03])); // [0.03, 0.06, 0.06]
 * ```
 *
 * @returns in the order of the p-values given
 * @throws RangeError for a number outside [0, 1]
 */
export function holm(pValues: readonly number[]): number[] {
  const odd = pValues.find((p) => !(p >= 0 && p <= 1));
  if (odd !== undefined) {
    throw new RangeError(`Cannot correct the p-value ${odd}: it must be in [0, 1]`);
  }
  const order = pValues.map((_, index) => index).sort((a, b) => pValues[a]! - pValues[b]!);
  const corrected = new Array<number>(pValues.length);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]!));
    corrected[index] = largest;
  }
  return corrected;
}
