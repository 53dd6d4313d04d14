import jstat from "jstat";

/** A mean (or a ratio of means) and, where the sample allows one, its confidence interval. */
export interface Estimate {
  readonly value: number;
  /** Size of the sample; of the smaller one where two are compared. */
  readonly n: number;
  /** Absent where a sample has one value only: one run says nothing about the spread. */
  readonly interval?: readonly [low: number, high: number];
}

/** What an interval is asked to cover. */
export interface ConfidenceOptions {
  /** Coverage of the interval, in (0, 1). Default 0.95. */
  readonly confidence?: number;
}

/**
 * The `p` quantile of Student's t distribution with `degreesOfFreedom` (which need not be whole).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { statistics } from "sam";
 *
 * assertEquals(statistics.studentQuantile(0.975, 4).toFixed(3), "2.776");
 * ```
 */
export function studentQuantile(p: number, degreesOfFreedom: number): number {
  if (!(p > 0 && p < 1)) {
    throw new RangeError(`Cannot take the quantile at ${p}: it must lie between 0 and 1`);
  }
  if (!(degreesOfFreedom > 0 && Number.isFinite(degreesOfFreedom))) {
    throw new RangeError(
      `Cannot take a t quantile with ${degreesOfFreedom} degrees of freedom: pass a number > 0`,
    );
  }
  return jstat.studentt.inv(p, degreesOfFreedom);
}

/**
 * Mean of independent values with Student's confidence interval
 * `mean ± t(1 − α/2, n − 1) · s / √n`, where s² is the unbiased sample variance.
 *
 * @example
 * ```ts
 * import { statistics } from "sam";
 *
 * const { value, interval } = statistics.estimateMean([0.051, 0.049, 0.050]);
 * console.log(value, interval); // 0.05 [0.0475…, 0.0524…]
 * ```
 */
export function estimateMean(
  values: readonly number[],
  { confidence = 0.95 }: ConfidenceOptions = {},
): Estimate {
  checkSample(values, "a mean");
  const n = values.length;
  const value = meanOf(values);
  if (n === 1) return { value, n };
  const half = studentQuantile((1 + checkConfidence(confidence)) / 2, n - 1) *
    Math.sqrt(variance(values) / n);
  return { value, n, interval: [value - half, value + half] };
}

/**
 * By which share `treated` lowers the mean of `baseline`: `1 − mean(treated) / mean(baseline)`,
 * with Welch's confidence interval.
 *
 * With R the ratio of the means, the interval is that of `mean(treated) − R · mean(baseline)`
 * divided by `mean(baseline)` (the delta method): `t · √(s_t²/n_t + R² s_b²/n_b) / mean(baseline)`
 * to either side, its degrees of freedom by Welch and Satterthwaite. The samples are taken as
 * independent, also where seeds are shared.
 *
 * Undefined if the baseline makes no error at all: there is then nothing to reduce.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { statistics } from "sam";
 *
 * const { value, interval } = statistics.relativeReduction([0.051, 0.049, 0.050], [0.041, 0.039, 0.040])!;
 * assertEquals(value.toFixed(2), "0.20");
 * assertEquals(interval?.map((end) => end.toFixed(2)), ["0.16", "0.24"]);
 * ```
 */
export function relativeReduction(
  baseline: readonly number[],
  treated: readonly number[],
  { confidence = 0.95 }: ConfidenceOptions = {},
): Estimate | undefined {
  checkSample(baseline, "a reduction");
  checkSample(treated, "a reduction");
  const base = meanOf(baseline);
  if (base === 0) return undefined;
  const ratio = meanOf(treated) / base;
  const value = 1 - ratio;
  const n = Math.min(baseline.length, treated.length);
  if (n === 1) return { value, n };
  const spreadTreated = variance(treated) / treated.length;
  const spreadBase = ratio ** 2 * variance(baseline) / baseline.length;
  const spread = spreadTreated + spreadBase;
  if (spread === 0) return { value, n, interval: [value, value] };
  const degreesOfFreedom = spread ** 2 /
    (spreadTreated ** 2 / (treated.length - 1) + spreadBase ** 2 / (baseline.length - 1));
  const half = studentQuantile((1 + checkConfidence(confidence)) / 2, degreesOfFreedom) *
    Math.sqrt(spread) / base;
  return { value, n, interval: [value - half, value + half] };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: readonly number[]): number {
  // Equal values have no spread; the rounding of their mean must not invent one.
  if (values.every((value) => value === values[0])) return 0;
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

function checkSample(values: readonly number[], what: string): void {
  if (values.length === 0) {
    throw new RangeError(`Cannot estimate ${what} of no values: pass at least one`);
  }
  const odd = values.find((value) => !Number.isFinite(value));
  if (odd !== undefined) {
    throw new RangeError(`Cannot estimate ${what} with the value ${odd}: leave diverged runs out`);
  }
}

function checkConfidence(confidence: number): number {
  if (confidence > 0 && confidence < 1) return confidence;
  throw new RangeError(`Cannot cover a share of ${confidence}: confidence must be in (0, 1)`);
}
