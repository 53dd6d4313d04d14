import { measureText } from "./_text_metrics.ts";
import { type EpochChoice, lastFiniteEpoch, type Run } from "./select_epochs.ts";
import type { Estimate } from "../statistics/mod.ts";
import { FIGURE_WIDTH, SUBTITLE_SIZE } from "./theme.ts";

/** Which epoch a figure shows, with the warning that belongs to the second. */
export const CHOICES: Readonly<Record<EpochChoice, string>> = {
  last: "Last epoch",
  best: "Best epoch (chosen on the test set)",
  validation: "Best epoch (chosen on validation images)",
};

/** A share in per cent with its unit: `percent(0.0512, 1)` is "5.1 %". */
export function percent(share: number, digits: number): string {
  return `${number(100 * share, digits)} %`;
}

/** Mean and half the interval's width in per cent, "12.31 ± 0.42", or the mean alone. */
export function plusMinus({ value, interval }: Estimate, digits = 2): string {
  const mean = number(100 * value, digits);
  return interval ? `${mean} ± ${number(50 * (interval[1] - interval[0]), digits)}` : mean;
}

/** A share in per cent with its interval, "23 % [15, 31]", or the share alone. */
export function withInterval({ value, interval }: Estimate, digits = 0): string {
  if (!interval) return percent(value, digits);
  return `${percent(value, digits)} [${interval.map((x) => number(100 * x, digits)).join(", ")}]`;
}

/**
 * "Mean of 5 seeds" with what shows their spread, or "1 seed, hence no interval"; "Mean of 2 to 5
 * seeds" where the samples differ in size. Diverged runs are not counted.
 */
export function seeds(samples: readonly { readonly runs: readonly Run[] }[], spread: string) {
  const counts = samples
    .map(({ runs }) => runs.filter((run) => !run.diverged).length)
    .filter((count) => count > 0);
  const low = Math.min(...counts);
  const high = Math.max(...counts);
  if (counts.length === 0) return "";
  if (high === 1) return "1 seed, hence no interval";
  return `Mean of ${low === high ? high : `${low} to ${high}`} seeds${spread}`;
}

/**
 * What a reader who compares the means must know: "2 of 10 runs diverged (×) and are in no mean",
 * "Runs of the same kind differ in length: 12 to 20 epochs". Nothing if all went well.
 */
export function notes(samples: readonly { readonly runs: readonly Run[] }[]): string[] {
  const runs = samples.flatMap((sample) => sample.runs);
  const diverged = runs.filter((run) => run.diverged);
  const atOnce = diverged.filter((run) => lastFiniteEpoch(run) === undefined).length;
  const uneven = samples
    .map((sample) => sample.runs.filter((run) => !run.diverged).map(lengthOf))
    .filter((lengths) => new Set(lengths).size > 1).flat();
  return [
    ...diverged.length === 0 ? [] : [
      `${diverged.length} of ${runs.length} runs diverged (×) and ` +
      `${diverged.length === 1 ? "is" : "are"} in no mean` +
      (atOnce > 0 ? `, ${atOnce} in the first epoch (without ×)` : ""),
    ],
    ...uneven.length === 0 ? [] : [
      "Runs of the same kind differ in length: " +
      `${Math.min(...uneven)} to ${Math.max(...uneven)} epochs`,
    ],
  ];
}

/** "SGD, SAM and ASAM". */
export function enumeration(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** Sentences as the lines of a subtitle, which does not wrap by itself. */
export function lines(sentences: readonly string[]): string[] {
  const result: string[] = [];
  for (const word of sentences.filter(Boolean).join(". ").split(" ")) {
    const longer = `${result.at(-1)} ${word}`;
    if (result.length > 0 && measureText({ fontSize: SUBTITLE_SIZE }, longer) <= FIGURE_WIDTH) {
      result[result.length - 1] = longer;
    } else result.push(word);
  }
  return result;
}

/** Five significant digits: what a plot can show, at half the size of a spec with full ones. */
export function compact(value: number): number {
  return Number(value.toPrecision(5));
}

/** A number with a typographic minus. */
export function number(value: number, digits: number): string {
  // No "-0.0".
  return value.toFixed(digits).replace(/^-(?=0*\.?0*$)/, "").replace("-", "−");
}

function lengthOf(run: Run): number {
  return run.rows.at(-1)!.epoch;
}
