import type { EpochRow, TrainConfig } from "../train/mod.ts";
import type { PlannedRun } from "./experiment.ts";

/** One epoch of one run with all that the run was configured by: what plots choose their axes from. */
export type RunRow = EpochRow & TrainConfig & {
  /** Identity of the run. */
  readonly run: string;
};

/** An epoch's row as one of a planned run, under the method's name in the experiment. */
export function runRow(row: EpochRow, { id, config, method }: PlannedRun): RunRow {
  const { epoch, trainLoss, trainError, testLoss, testError } = row;
  const measured = { epoch, trainLoss, trainError, testLoss, testError };
  return { ...config, rho: config.samRho, ...measured, method, run: id };
}
