import type { Sample } from "./_conditions.ts";
import type { ForestDot, ForestLane } from "./_forest_panels.ts";
import { besideBaseline, isTold, referenceOf } from "./_beside_baseline.ts";
import { meanError, runError } from "./_errors.ts";
import {
  augmentationText,
  datasetName,
  epochsText,
  imagesText,
  modelName,
  noise,
} from "./_names.ts";
import { type PublishedError, publishedReduction } from "./_published.ts";
import { type Series, seriesOfRun } from "./_series.ts";
import { compact, plusMinus, withInterval } from "./_text.ts";
import { augmentationOf, type EpochChoice, noiseKindOf } from "./select_epochs.ts";

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
  const comparisons = besideBaseline(samples, baseline, choice);
  return samples.map((sample) => {
    const mean = meanError(sample.runs, choice);
    const lane = { group: groupOf(sample, samples), series: sample.series.label };
    if (mean === undefined) {
      return { ...lane, errorText: "diverged", reductionText: "", compared: false };
    }
    const { text, ...errors } = mean;
    const found = comparisons.find(({ treated }) => treated.runs === sample.runs);
    const isBase = referenceOf(sample, samples, baseline) === sample;
    const reduction = found?.reduction;
    return {
      ...lane,
      ...errors,
      errorText: text,
      reductionText: isBase ? "baseline" : reduction ? withInterval(reduction) : "–",
      compared: reduction !== undefined,
      ...found?.finding.correctedP !== undefined && reduction && {
        said: isTold(found) ? "told apart" as const : "not told apart" as const,
      },
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
    const isBase = one.method === baseline;
    const reduction = publishedReduction(one, errors, baseline)?.reduction;
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
      const found = runError(run, choice);
      const lane = { group: groupOf(sample, samples), series: sample.series.label };
      return found ? { ...lane, ...found } : [];
    })
  );
}

/**
 * The lines of a condition's label, with what its size and length are where that is known; of labels
 * where any of the samples has wrong ones.
 */
function groupOf({ condition, runs }: Sample, samples: readonly Sample[]): string {
  const { dataset, model, labelNoise, settings } = runs[0]!;
  // Of methods that are trained longer than others the name says so.
  const epochs = condition.runs.map((run) => run.settings.epochs)
    .filter((count) => typeof count === "number");
  return [
    datasetName(dataset),
    [modelName(model), ...epochs.length > 0 ? [epochsText(Math.min(...epochs))] : []].join(", "),
    imagesText(settings.trainCount),
    augmentationText(augmentationOf(runs[0]!)),
    samples.some(({ runs: [run] }) => run!.labelNoise > 0)
      ? noise(labelNoise, noiseKindOf(runs[0]!))
      : "",
  ].filter(Boolean).join("\n");
}
