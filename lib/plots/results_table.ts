import { conditionsOf, samplesOf } from "./_conditions.ts";
import { augmentationText, datasetName, imagesText, modelName, noise } from "./_names.ts";
import { seriesOf } from "./_series.ts";
import { plusMinus } from "./_text.ts";
import type { HtmlTable } from "./table.ts";
import {
  augmentationOf,
  type EpochChoice,
  groupRuns,
  hasValidation,
  noiseKindOf,
  type PlottedRow,
  selectEpoch,
} from "./select_epochs.ts";
import { estimateMean } from "../statistics/mod.ts";

const CHOSEN_ON = { best: "the test set", validation: "validation images" } as const;

/**
 * The figures behind the plots: for every data set, model, label noise and method, the test error
 * at the last and at the best epoch with its 95 % confidence interval, and how many runs diverged.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { resultsTable } from "sam/plots";
 *
 * const epoch = { dataset: "mine", model: "WRN-10-1", labelNoise: 0, seed: 0, epoch: 1 };
 * const losses = { trainLoss: 0.9, trainError: 0.2, testLoss: 1 };
 * const rows = [
 *   { ...epoch, ...losses, method: "SGD", rho: 0, testError: 0.3 },
 *   { ...epoch, ...losses, method: "SAM", rho: 0.05, testError: 0.24 },
 * ];
 * const [sgd, sam] = resultsTable(rows).rows;
 * assertEquals([sgd?.[3], sgd?.[5]], ["SGD", "30.00"]);
 * assertEquals([sam?.[3], sam?.[5]], ["SAM", "24.00"]);
 * ```
 */
export function resultsTable(rows: readonly PlottedRow[]): HtmlTable {
  const runs = groupRuns(rows);
  const series = seriesOf(runs);
  const samples = conditionsOf(runs).conditions.flatMap((one) => samplesOf(one, series));
  const lost = runs.some((run) => run.diverged);
  const isFollowed = runs.every(({ rows }) => rows.length !== 1);
  const best = runs.every(hasValidation) ? "validation" : "best";
  return {
    caption: "Test error in per cent, mean over seeds ± half the 95 % confidence interval " +
      `(Student's t)${isFollowed ? `. The best epoch is chosen on ${CHOSEN_ON[best]}` : ""}`,
    columns: [
      "Data set",
      "Model",
      "Labels",
      "Method",
      "Seeds",
      "Last epoch",
      ...isFollowed ? ["Best epoch"] : [],
      ...lost ? ["Diverged"] : [],
    ],
    rows: samples.map(({ series: { label }, runs }) => {
      const { dataset, model, labelNoise, settings } = runs[0]!;
      const error = (choice: EpochChoice) => {
        const errors = runs.flatMap((run) => selectEpoch(run, choice)?.testError ?? []);
        return errors.length > 0 ? plusMinus(estimateMean(errors)) : "–";
      };
      const diverged = runs.filter((run) => run.diverged).length;
      return [
        [
          datasetName(dataset),
          imagesText(settings.trainCount),
          augmentationText(augmentationOf(runs[0]!)),
        ].filter(Boolean).join(", "),
        modelName(model),
        noise(labelNoise, noiseKindOf(runs[0]!)),
        label,
        runs.length,
        error("last"),
        ...isFollowed ? [error(best)] : [],
        ...lost ? [diverged] : [],
      ];
    }),
  };
}
