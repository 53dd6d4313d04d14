import jstat from "jstat";
import {
  type ConfidenceOptions,
  type Estimate,
  estimateMean,
  studentQuantile,
} from "./estimates.ts";

/** By how much one method differs from another over the same seeds. */
export interface PairedDifference extends Estimate {
  /**
   * Two-sided p-value of Student's t test on the pairs, against no difference; absent with one pair,
   * and where all pairs differ equally.
   */
  readonly p?: number;
}

/**
 * The mean of `treated − baseline` over pairs, such as runs of equal seeds, with Student's interval
 * and p-value on the differences. What pairs share, the labels that are wrong or the first
 * parameters, is not in their difference.
 *
 * Where all differences are equal there is neither interval nor p, as with one pair: nothing tells how
 * much others would differ. Runs that a seed does not change are one run, however often they are trained.
 *
 * Source: Student 1908; `scipy.stats.ttest_rel` gives the same numbers.
 *
 * @example
 * ```ts
 * import { statistics } from "sam";
 *
 * const { value, interval, p } = statistics.pairedDifference([0.13, 0.12, 0.14], [0.11, 0.11, 0.12]);
 * console.log(value, interval, p); // -0.0166… [-0.0310…, -0.0023…] 0.0377…
 * ```
 *
 * @throws RangeError for samples that are empty, of different sizes, or hold a number that is not finite
 */
export function pairedDifference(
  baseline: readonly number[],
  treated: readonly number[],
  options: ConfidenceOptions = {},
): PairedDifference {
  checkPairs(baseline, treated);
  const differences = differencesOf(baseline, treated);
  const estimate = estimateMean(differences, options);
  if (!haveSpread(differences, treated)) return { value: estimate.value, n: estimate.n };
  return { ...estimate, p: pValue(differences) };
}

/**
 * By which share `treated` lowers the mean of `baseline` over pairs: `1 − mean(treated) / mean(baseline)`.
 * With R the ratio of the means, the interval is Student's of `treated − R · baseline` over the pairs,
 * divided by `mean(baseline)` (the delta method): what pairs share is not in it. There is none where all
 * pairs differ equally.
 *
 * Undefined if the baseline makes no error at all: there is then nothing to reduce.
 *
 * @example
 * ```ts
 * import { statistics } from "sam";
 *
 * const { value, interval } = statistics.pairedReduction([0.13, 0.12, 0.14], [0.11, 0.11, 0.12])!;
 * console.log(value, interval); // 0.1282… [0.0382…, 0.2181…]
 * ```
 *
 * @throws RangeError for samples that are empty, of different sizes, or hold a number that is not finite
 */
export function pairedReduction(
  baseline: readonly number[],
  treated: readonly number[],
  options: ConfidenceOptions = {},
): Estimate | undefined {
  checkPairs(baseline, treated);
  const base = estimateMean(baseline).value;
  if (base === 0) return undefined;
  const ratio = estimateMean(treated).value / base;
  const value = 1 - ratio;
  const { interval, n } = estimateMean(
    treated.map((one, index) => one - ratio * baseline[index]!),
    options,
  );
  if (interval === undefined || !haveSpread(differencesOf(baseline, treated), treated)) {
    return { value, n };
  }
  const half = (interval[1] - interval[0]) / 2 / base;
  return { value, n, interval: [value - half, value + half] };
}

function checkPairs(baseline: readonly number[], treated: readonly number[]): void {
  if (baseline.length === treated.length) return;
  throw new RangeError(
    `Cannot pair ${baseline.length} values with ${treated.length}: both need the same seeds`,
  );
}

function differencesOf(baseline: readonly number[], treated: readonly number[]): number[] {
  return treated.map((value, index) => value - baseline[index]!);
}

/** Whether values differ by more than the rounding of the numbers that they are made of. */
function haveSpread(values: readonly number[], from: readonly number[]): boolean {
  const size = Math.max(...from.map(Math.abs), ...values.map(Math.abs));
  return Math.max(...values) - Math.min(...values) > 1e-9 * size;
}

function pValue(differences: readonly number[]): number {
  const n = differences.length;
  const { value, interval } = estimateMean(differences);
  const standardError = (interval![1] - value) / studentQuantile(0.975, n - 1);
  // jstat is a little above 1/2 at 0.
  return Math.min(1, 2 * jstat.studentt.cdf(-Math.abs(value) / standardError, n - 1));
}
