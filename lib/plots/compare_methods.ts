import { conditionsOf, samplesOf } from "./_conditions.ts";
import { hasSettings, nameOf, seriesOf } from "./_series.ts";
import { compare, type Comparison, type ComparisonOptions, type Pairing } from "./comparisons.ts";
import { groupRuns, type PlottedRow } from "./select_epochs.ts";

/** What `compareMethods` lets one choose. */
export interface CompareMethodsOptions extends ComparisonOptions {
  /** Methods, each with the one it is compared with. Default: every other one with "SGD". */
  readonly pairs?: readonly (readonly [treated: string, baseline: string])[];
}

/**
 * What the rows of one figure say of methods under each condition: data set, network, wrong labels,
 * number of training images and augmentation. A method with several radii or settings is compared in
 * each of them, with the baseline's same setting where that has it too.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compareMethods, describeComparison } from "sam/plots";
 *
 * const epoch = { dataset: "mine", model: "WRN-10-1", labelNoise: 0, epoch: 1 };
 * const losses = { trainLoss: 0.9, trainError: 0.2, testLoss: 1 };
 * const rows = [0, 1, 2].flatMap((seed) => [
 *   { ...epoch, ...losses, seed, method: "SGD", rho: 0, testError: 0.3 + 0.01 * seed },
 *   { ...epoch, ...losses, seed, method: "SAM", rho: 0.05, testError: 0.24 + 0.011 * seed },
 * ]);
 * const [found] = compareMethods(rows);
 * assertEquals(
 *   describeComparison(found!),
 *   "SAM (ρ = 0.05) is lower than SGD by 5.9 points [5.7, 6.1], n = 3",
 * );
 * ```
 *
 * @throws RangeError as `groupRuns` does, and for runs of one setting with the same seed
 */
export function compareMethods(
  rows: readonly PlottedRow[],
  { pairs, ...options }: CompareMethodsOptions = {},
): Comparison[] {
  const runs = groupRuns(rows);
  const series = seriesOf(runs);
  const methods = [...new Set(series.map(({ method }) => method))];
  const chosen = pairs ??
    methods.filter((one) => one !== "SGD").map((one) => [one, "SGD"] as const);
  const { conditions, shared } = conditionsOf(runs);
  const pairings = conditions.flatMap((condition): Pairing[] => {
    const samples = samplesOf(condition, series);
    return chosen.flatMap(([treated, baseline]) =>
      samples.filter(({ series }) => series.method === treated).flatMap((sample) => {
        const base = samples.find(({ series }) =>
          series.method === baseline && hasSettings(sample.runs[0]!, series)
        );
        if (base === undefined || base === sample) return [];
        return [{
          condition: condition.label,
          shared,
          treated: { name: nameOf(sample.series), runs: sample.runs },
          baseline: { name: nameOf(base.series), runs: base.runs },
        }];
      })
    );
  });
  return compare(pairings, options);
}
