import type { EvaluatedRow } from "../metrics/mod.ts";
import type { Run } from "./select_epochs.ts";

/** Where the training figures of a plot come from, the same for all its runs. */
export interface TrainingFigures {
  /** What a reader has to know of them. */
  readonly measured: string;
  valueOf(row: EvaluatedRow, split: "train" | "test", figure: "Loss" | "Error"): number;
}

/**
 * Those of the training set evaluated at w, where all epochs of all runs have them; else means over the
 * steps, in which SAM's are measured at w + ε(w), and those of mixed images on such images.
 */
export function trainingFigures(runs: readonly Run[]): TrainingFigures {
  const isEvaluated = runs.every(({ rows }) =>
    rows.every((row) => row.evalOnTrainLoss !== undefined && row.evalOnTrainError !== undefined)
  );
  if (isEvaluated) {
    return {
      measured: "Training set: evaluated at w, without augmentation, by the labels trained on",
      valueOf: (row, split, figure) =>
        split === "test" ? row[`test${figure}`] : row[`evalOnTrain${figure}`]!,
    };
  }
  const mixes = runs.some(({ settings }) =>
    /^(mix|cutmix)/.test(String(settings.batchAugmentation))
  );
  const where = [
    ...runs.some(({ rho }) => rho > 0) ? ["SAM's at w + ε(w)"] : [],
    ...mixes ? ["of mixed images where a method mixes them"] : [],
  ];
  return {
    measured: ["Training curves: means over the steps", ...where].join(", "),
    valueOf: (row, split, figure) => row[`${split}${figure}`],
  };
}
