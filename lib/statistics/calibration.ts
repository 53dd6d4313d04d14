/** How far confidences are from the truth. @module */

/** The predictions whose confidence is within some bounds. */
export interface CalibrationBin {
  /** Confidences above the first, up to the second. */
  readonly bounds: readonly [above: number, upTo: number];
  readonly count: number;
  /** Mean of the confidences; NaN of none. */
  readonly confidence: number;
  /** Share that is right; NaN of none. */
  readonly accuracy: number;
}

/** How well confidences are calibrated. */
export interface Calibration {
  /** Expected calibration error, a fraction. */
  readonly error: number;
  readonly bins: readonly CalibrationBin[];
}

/**
 * The expected calibration error: by bins of equal width of the confidence, the mean distance of
 * confidence and accuracy, weighted by how many predictions a bin has.
 *
 * Source: equation 3 of Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks, ICML
 * 2017, with its 15 bins.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { statistics } from "sam";
 *
 * // Four times sure by 0.75, and right three times.
 * const confidences = [0.75, 0.75, 0.75, 0.75];
 * const { error } = statistics.calibration(confidences, [true, true, true, false]);
 * assertEquals(error, 0);
 * ```
 *
 * @param confidences probabilities of the predicted class, in [0, 1]
 * @param right whether each prediction is
 * @throws RangeError for lists of different lengths, and without bins
 */
export function calibration(
  confidences: ArrayLike<number>,
  right: ArrayLike<boolean>,
  { bins: count = 15 }: { readonly bins?: number } = {},
): Calibration {
  if (confidences.length !== right.length || !(Number.isSafeInteger(count) && count > 0)) {
    throw new RangeError(
      `Cannot calibrate ${confidences.length} confidences of ${right.length} predictions in ${count} ` +
        "bins: there must be as many of both, and a bin",
    );
  }
  const sums = Array.from({ length: count }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (let index = 0; index < confidences.length; index++) {
    const confidence = confidences[index]!;
    const bin = sums[Math.min(count - 1, Math.max(0, Math.ceil(confidence * count) - 1))]!;
    bin.count++;
    bin.confidence += confidence;
    bin.right += Number(right[index]!);
  }
  const distances = sums.map(({ confidence, right }) => Math.abs(confidence - right));
  return {
    error: distances.reduce((sum, distance) => sum + distance, 0) / confidences.length,
    bins: sums.map((bin, index) => ({
      bounds: [index / count, (index + 1) / count],
      count: bin.count,
      confidence: bin.confidence / bin.count,
      accuracy: bin.right / bin.count,
    })),
  };
}
