import { describeFinding } from "../statistics/mod.ts";
import { number, plusMinus, withInterval } from "./_text.ts";
import type { Comparison } from "./comparisons.ts";
import type { HtmlTable } from "./table.ts";

/**
 * What may be said of two settings as a sentence without a full stop: "40 % label noise: SAM (ρ = 0.1)
 * is lower than SGD by 1.1 points [0.6, 1.6], n = 10", or "… is not told apart from SGD: …". Of runs that
 * diverged it says how many, as those that are left are not just any.
 *
 * ```ts
 * import { plots } from "sam";
 *
 * const run = (method: string, seed: number, testError: number) => ({
 *   ...{ dataset: "synthetic", model: "own", method, rho: 0, labelNoise: 0, seed, epoch: 1 },
 *   ...{ trainLoss: 1, trainError: 0.3, testLoss: 1, testError },
 * });
 * const sgd = [0.25, 0.26, 0.24].map((error, seed) => run("SGD", seed, error));
 * const sam = [0.2, 0.22, 0.21].map((error, seed) => run("SAM", seed, error));
 * const treated = { name: "SAM", runs: plots.groupRuns(sam) };
 * const baseline = { name: "SGD", runs: plots.groupRuns(sgd) };
 * const comparisons = plots.compare([{ condition: "", treated, baseline }]);
 * console.log(comparisons.map(plots.describeComparison)); // SAM is … SGD …, n = 3
 * ```
 */
export function describeComparison({ condition, treated, baseline, finding }: Comparison): string {
  const runs = [...treated.runs, ...baseline.runs];
  const { length } = runs.filter(({ diverged }) => diverged);
  const lost = length === 0 ? "" : ` (${length} of ${runs.length} runs diverged and are left out)`;
  const found = `${treated.name} is ${describeFinding(finding, baseline.name)}${lost}`;
  return condition === "" ? found : `${condition}: ${found}`;
}

/**
 * The comparisons of a figure as a table: both errors, the difference in percentage points with its
 * intervals, by what share the error falls, p as corrected, and what may be said.
 *
 * ```ts
 * import { plots } from "sam";
 *
 * const run = (method: string, seed: number, testError: number) => ({
 *   ...{ dataset: "synthetic", model: "own", method, rho: 0, labelNoise: 0, seed, epoch: 1 },
 *   ...{ trainLoss: 1, trainError: 0.3, testLoss: 1, testError },
 * });
 * const sgd = [0.25, 0.26, 0.24].map((error, seed) => run("SGD", seed, error));
 * const sam = [0.2, 0.22, 0.21].map((error, seed) => run("SAM", seed, error));
 * const treated = { name: "SAM", runs: plots.groupRuns(sam) };
 * const baseline = { name: "SGD", runs: plots.groupRuns(sgd) };
 * const comparisons = plots.compare([{ condition: "", treated, baseline }]);
 * console.log(plots.comparisonsTable(comparisons).rows.length); // 1
 * ```
 */
export function comparisonsTable(
  comparisons: readonly Comparison[],
  { caption = "Differences of the test error" }: { readonly caption?: string } = {},
): HtmlTable {
  const hasConditions = comparisons.some(({ condition }) => condition !== "");
  const hasImages = comparisons.some(({ resampled }) => resampled !== undefined);
  const points = ({ value, interval }: { value: number; interval?: readonly number[] }) =>
    [number(100 * value, 1), interval && `[${interval.map((x) => number(100 * x, 1)).join(", ")}]`]
      .filter(Boolean).join(" ");
  return {
    caption:
      `${caption}, in percentage points with 95 % intervals by Student's t on pairs of equal ` +
      "seeds; lower or higher where p, corrected by Holm for all lines, is at most 0.05" +
      (hasImages ? ". Seeds and images: intervals if both had been drawn anew" : ""),
    columns: [
      ...hasConditions ? ["Data"] : [],
      ...["Setting", "Beside", "Errors, %", "Difference"],
      ...hasImages ? ["Seeds and images"] : [],
      ...["Reduction", "Pairs", "p", "The error is"],
    ],
    rows: comparisons.map(
      ({ condition, treated, baseline, finding, errors, reduction, resampled }) => [
        ...hasConditions ? [condition] : [],
        treated.name,
        baseline.name,
        `${plusMinus(errors.treated, 1)} and ${plusMinus(errors.baseline, 1)}`,
        points(finding),
        ...hasImages ? [resampled?.interval ? points(resampled).replace(/^\S+ /, "") : "–"] : [],
        reduction ? withInterval(reduction) : "–",
        finding.n,
        pText(finding.correctedP),
        finding.verdict,
      ],
    ),
  };
}

/** A corrected p-value, "0.013"; "< 0.001" where it is smaller. */
function pText(p: number | undefined): string {
  if (p === undefined) return "–";
  return p < 0.001 ? "< 0.001" : number(p, 3);
}
