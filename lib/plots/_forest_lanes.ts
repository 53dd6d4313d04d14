import type { Sample } from "./_conditions.ts";
import type { ForestDot, ForestLane } from "./_forest_panels.ts";
import { hasSettings, type Series, seriesOfRun } from "./_series.ts";
import {
  augmentationText,
  datasetName,
  epochsText,
  imagesText,
  modelName,
  noise,
} from "./_names.ts";
import { compact, plusMinus, withInterval } from "./_text.ts";
import { compare } from "./comparisons.ts";
import {
  augmentationOf,
  type EpochChoice,
  lastFiniteEpoch,
  noiseKindOf,
  selectEpoch,
} from "./select_epochs.ts";
import { type Estimate, estimateMean, relativeReduction } from "../statistics/mod.ts";

/** A number from the literature, drawn apart from what was measured here. */
export interface PublishedError {
  readonly dataset: string;
  readonly model: string;
  readonly method: string;
  readonly rho: number;
  /** Top-1 error as a fraction in [0, 1]. */
  readonly testError: number;
  /** What else it was measured with, a line each, such as "50,000 training images". */
  readonly details?: readonly string[];
}

/**
 * One lane for every sample, compared with the baseline's under the same condition: where the
 * baseline was trained with several values of a setting, with that of the same value. What may be said
 * is decided for all lanes together.
 */
export function measuredLanes(
  samples: readonly Sample[],
  baseline: string,
  choice: EpochChoice,
): ForestLane[] {
  const pairings = samples.flatMap((sample) => {
    const reference = referenceOf(sample, samples, baseline);
    return reference === undefined || reference === sample ? [] : [{
      condition: "",
      sample,
      treated: { name: sample.series.label, runs: sample.runs },
      baseline: { name: reference.series.label, runs: reference.runs },
    }];
  });
  const comparisons = compare(pairings, { epoch: choice });
  return samples.map((sample) => {
    const values = errorsOf(sample, choice);
    const lane = { group: groupOf(sample), series: sample.series.label };
    if (values.length === 0) {
      return { ...lane, errorText: "diverged", reductionText: "", compared: false };
    }
    const estimate = estimateMean(values);
    const found = comparisons.find(({ treated }) => treated.runs === sample.runs);
    const isBase = referenceOf(sample, samples, baseline) === sample;
    const reduction = found?.reduction;
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
      ...found?.finding.correctedP !== undefined && reduction && {
        said: found.finding.verdict === "not told apart" || holdsZero(reduction)
          ? "not told apart" as const
          : "told apart" as const,
      },
    };
  });
}

/** The baseline's sample that a sample is compared with. */
function referenceOf(
  sample: Sample,
  samples: readonly Sample[],
  baseline: string,
): Sample | undefined {
  return samples.find((other) =>
    other.condition === sample.condition && other.series.method === baseline &&
    hasSettings(sample.runs[0]!, other.series)
  );
}

function holdsZero({ interval }: Estimate): boolean {
  return interval === undefined || interval[0] <= 0 && interval[1] >= 0;
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
      group: [datasetName(one.dataset), modelName(one.model), ...one.details ?? []].join("\n"),
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

/** The lines of a condition's label, with what its size and length are where that is known. */
function groupOf({ condition, runs }: Sample): string {
  const { dataset, model, labelNoise, settings } = runs[0]!;
  // Of methods that are trained longer than others the name says so.
  const epochs = condition.runs.map((run) => run.settings.epochs)
    .filter((count) => typeof count === "number");
  return [
    datasetName(dataset),
    [modelName(model), ...epochs.length > 0 ? [epochsText(Math.min(...epochs))] : []].join(", "),
    imagesText(settings.trainCount),
    augmentationText(augmentationOf(runs[0]!)),
    labelNoise > 0 ? noise(labelNoise, noiseKindOf(runs[0]!)) : "",
  ].filter(Boolean).join("\n");
}
