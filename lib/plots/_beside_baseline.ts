import type { Sample } from "./_conditions.ts";
import { hasSettings } from "./_series.ts";
import { compare, type Comparison } from "./comparisons.ts";
import type { EpochChoice } from "./select_epochs.ts";
import type { Estimate } from "../statistics/mod.ts";

/** Every sample beside the baseline's one; what may be said is decided for all of them together. */
export function besideBaseline(
  samples: readonly Sample[],
  baseline: string,
  choice: EpochChoice,
): Comparison[] {
  const pairings = samples.flatMap((sample) => {
    const reference = referenceOf(sample, samples, baseline);
    return reference === undefined || reference === sample ? [] : [{
      condition: "",
      treated: { name: sample.series.label, runs: sample.runs },
      baseline: { name: reference.series.label, runs: reference.runs },
    }];
  });
  return compare(pairings, { epoch: choice });
}

/**
 * The baseline's sample that a sample is compared with, under the same condition: where the baseline was
 * trained with several values of a setting, the one with the same value.
 */
export function referenceOf(
  sample: Sample,
  samples: readonly Sample[],
  baseline: string,
): Sample | undefined {
  return samples.find((other) =>
    other.condition === sample.condition && other.series.method === baseline &&
    hasSettings(sample.runs[0]!, other.series)
  );
}

/** Whether the pairs tell a reduction from none: the errors are told apart, and its interval has no 0. */
export function isTold({ finding, reduction }: Pick<Comparison, "finding" | "reduction">): boolean {
  return finding.verdict !== "not told apart" && reduction !== undefined && !holdsZero(reduction);
}

function holdsZero({ interval }: Estimate): boolean {
  return interval === undefined || interval[0] <= 0 && interval[1] >= 0;
}
