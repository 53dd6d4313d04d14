import {
  type EpochRow,
  type Evaluated,
  EVALUATION_FIGURES,
  type RunResult,
  type TrainConfig,
} from "../train/mod.ts";
import type { PlannedRun } from "./experiment.ts";

/** One epoch of one run with the run's whole configuration, from which plots choose their axes. */
export type RunRow = EpochRow & TrainConfig & {
  /** Identity of the run. */
  readonly run: string;
  /** Processor, instruction set and TensorFlow of a finished run: only runs of equal ones are paired. */
  readonly trainedOn?: string;
};

/**
 * An epoch's row as one of a planned run, under the method's name in the experiment.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { runs } from "sam";
 *
 * const [run] = runs.runsOf({ name: "one", base: { epochs: 1 }, seeds: [0] });
 * const { dataset, model, labelNoise, seed } = run!.config;
 * const row = {
 *   ...{ dataset, model, method: "SAM", rho: 0.05, labelNoise, seed, epoch: 1 },
 *   ...{ trainLoss: 0.9, trainError: 0.3, testLoss: 1.1, testError: 0.4 },
 * };
 * assertEquals(runs.runRow(row, run!).batchSize, run!.config.batchSize);
 * assertEquals(runs.runRow(row, run!).run, run!.id);
 * ```
 *
 * @param result of the run, where it is finished: its rows then say on what it was trained
 */
export function runRow(
  row: EpochRow,
  { id, config, method }: PlannedRun,
  result?: RunResult,
): RunRow {
  const { epoch, trainLoss, trainError } = row;
  return {
    ...config,
    rho: config.samRho,
    epoch,
    trainLoss,
    trainError,
    ...evaluatedOf(row),
    method,
    run: id,
    ...result && trainedOn(result),
  };
}

/** On what a run was trained, as rows say it; nothing where that is not known. */
export function trainedOn(
  { machine, instructionSet, tensorflow }: RunResult,
): Pick<RunRow, "trainedOn"> {
  const parts = [machine, instructionSet, `TensorFlow ${tensorflow}`];
  return machine === "" ? {} : { trainedOn: parts.filter(Boolean).join(", ") };
}

/** What an epoch's evaluation measured. */
function evaluatedOf(row: EpochRow): Evaluated {
  const names = EVALUATION_FIGURES.filter((name) => row[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}
