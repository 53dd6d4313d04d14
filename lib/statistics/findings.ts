import { holm } from "./holm.ts";
import type { PairedDifference } from "./paired.ts";

/** What the runs of a figure say of a difference, after all its tests. */
export type Verdict = "lower" | "higher" | "not told apart";

/** A difference with what may be said of it. */
export interface Finding extends PairedDifference {
  readonly verdict: Verdict;
  /** Corrected by Holm for all tests of the figure; absent where there is no p-value. */
  readonly correctedP?: number;
}

/**
 * What may be said of the differences of one figure: "lower" or "higher" where the p-value, corrected
 * by Holm for all of them, is at most α; else "not told apart", as always with one pair and where all
 * pairs differ equally.
 *
 * @example
 * ```ts
 * import { statistics } from "sam";
 *
 * const sgd = [0.13, 0.12, 0.14, 0.13];
 * const [sam, mixup] = statistics.findings([
 *   statistics.pairedDifference(sgd, [0.11, 0.1, 0.12, 0.115]),
 *   statistics.pairedDifference(sgd, [0.14, 0.11, 0.14, 0.13]),
 * ]);
 * console.log(sam!.verdict, mixup!.verdict); // lower not told apart
 * ```
 *
 * @param alpha chance of saying too much anywhere in the figure; default 0.05
 */
export function findings(
  differences: readonly PairedDifference[],
  { alpha = 0.05 }: { readonly alpha?: number } = {},
): Finding[] {
  const tested = differences.filter(({ p }) => p !== undefined);
  const corrected = new Map(holm(tested.map(({ p }) => p!)).map((p, i) => [tested[i]!, p]));
  return differences.map((difference) => {
    const correctedP = corrected.get(difference);
    if (correctedP === undefined) return { ...difference, verdict: "not told apart" };
    const direction = difference.value < 0 ? "lower" : "higher";
    return {
      ...difference,
      correctedP,
      verdict: correctedP <= alpha ? direction : "not told apart",
    };
  });
}

/**
 * A finding about error rates as half a sentence, in percentage points, so that prose has no numbers of
 * its own: "lower by 1.4 points [0.6, 2.2], n = 10" or "not told apart: −0.3 points [−1.1, 0.5], n = 5".
 *
 * ```ts
 * import { statistics } from "sam";
 *
 * const [sgd, sam] = [[0.13, 0.12, 0.14, 0.13], [0.11, 0.1, 0.12, 0.115]];
 * const [finding] = statistics.findings([statistics.pairedDifference(sgd, sam)]);
 * console.log(statistics.describeFinding(finding!)); // lower by … points […], n = 4
 * ```
 *
 * @param baseline where the sentence is to name it: "lower than SGD by …", "not told apart from SGD: …"
 */
export function describeFinding(
  { verdict, value, interval, n }: Finding,
  baseline?: string,
): string {
  const sign = verdict === "lower" ? -1 : 1;
  const [low, high] = interval === undefined
    ? []
    : [sign * interval[0], sign * interval[1]].sort((a, b) => a - b);
  const shown = low === undefined ? "" : ` [${points(low)}, ${points(high!)}]`;
  const size = `${points(sign * value)} points${shown}, n = ${n}`;
  const named = (word: string) =>
    baseline === undefined ? verdict : `${verdict} ${word} ${baseline}`;
  return verdict === "not told apart" ? `${named("from")}: ${size}` : `${named("than")} by ${size}`;
}

/** In percentage points with one digit and a true minus sign. */
function points(fraction: number): string {
  const text = (100 * fraction).toFixed(1);
  return Number(text) === 0 ? "0.0" : text.replace("-", "−");
}
