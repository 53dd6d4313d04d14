import type { Sample } from "./_conditions.ts";
import type { ForestDot, ForestLane } from "./_forest_panels.ts";
import { hasSettings, type Series, seriesOfRun } from "./_series.ts";
import { compact, noise, plusMinus, withInterval } from "./_text.ts";
import { type EpochChoice, lastFiniteEpoch, selectEpoch } from "./select_epochs.ts";
import { estimateMean, relativeReduction } from "../statistics/mod.ts";

/** A number from the literature, drawn apart from what was measured here. */
export interface PublishedError {
  readonly dataset: string;
  readonly model: string;
  readonly method: string;
  readonly rho: number;
  /** Top-1 error as a fraction in [0, 1]. */
  readonly testError: number;
}

/**
 * One lane for every sample, compared with the baseline's under the same condition: where the
 * baseline was trained with several values of a setting, with that of the same value.
 */
export function measuredLanes(
  samples: readonly Sample[],
  baseline: string,
  choice: EpochChoice,
): ForestLane[] {
  return samples.map((sample) => {
    const values = errorsOf(sample, choice);
    const lane = { group: groupOf(sample), series: sample.series.label };
    const reference = samples.find((other) =>
      other.condition === sample.condition && other.series.method === baseline &&
      hasSettings(sample.runs[0]!, other.series)
    );
    const isBase = reference === sample;
    if (values.length === 0) {
      return { ...lane, errorText: "diverged", reductionText: "", compared: false };
    }
    const estimate = estimateMean(values);
    const base = reference ? errorsOf(reference, choice) : [];
    const reduction = isBase || base.length === 0 ? undefined : relativeReduction(base, values);
    return {
      ...lane,
      error: compact(100 * estimate.value),
      ...(estimate.interval && {
        low: compact(100 * Math.max(0, estimate.interval[0])),
        high: compact(100 * Math.min(1, estimate.interval[1])),
      }),
      errorText: plusMinus(estimate),
      reductionText: isBase ? "baseline" : reduction ? withInterval(reduction) : "–",
      compared: reduction !== undefined,
    };
  });
}

/** Lanes of numbers that have no runs, and therefore no intervals. */
export function publishedLanes(
  errors: readonly PublishedError[],
  series: readonly Series[],
  baseline: string,
): ForestLane[] {
  return errors.map((one) => {
    if (!(one.testError >= 0 && one.testError <= 1)) {
      throw new RangeError(
        `Cannot plot the published error ${one.testError}: it must be a fraction in [0, 1]`,
      );
    }
    const isBase = one.method === baseline;
    const base = errors.find((other) =>
      other.dataset === one.dataset && other.model === one.model && other.method === baseline
    );
    const reduction = base && !isBase
      ? relativeReduction([base.testError], [one.testError])
      : undefined;
    return {
      group: `${one.dataset}\n${one.model}`,
      series: seriesOfRun(series, one).label,
      error: compact(100 * one.testError),
      errorText: plusMinus({ value: one.testError, n: 1 }),
      reductionText: isBase ? "baseline" : reduction ? withInterval(reduction) : "–",
      compared: reduction !== undefined,
    };
  });
}

/** A dot for every run; for a diverged one, where its test error was last known. */
export function runDots(samples: readonly Sample[], choice: EpochChoice): ForestDot[] {
  return samples.flatMap((sample) =>
    sample.runs.flatMap((run) => {
      const row = run.diverged ? lastFiniteEpoch(run) : selectEpoch(run, choice);
      return row
        ? {
          group: groupOf(sample),
          series: sample.series.label,
          seed: run.seed,
          epoch: row.epoch,
          error: compact(100 * row.testError),
          diverged: run.diverged,
        }
        : [];
    })
  );
}

function errorsOf({ runs }: Sample, choice: EpochChoice): number[] {
  return runs.flatMap((run) => selectEpoch(run, choice)?.testError ?? []);
}

function groupOf({ runs }: Sample): string {
  const { dataset, model, labelNoise } = runs[0]!;
  return [dataset, model, ...labelNoise > 0 ? [noise(labelNoise)] : []].join("\n");
}
