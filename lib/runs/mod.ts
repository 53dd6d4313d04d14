/**
 * Experiments: a grid of settings × seeds → resumable runs on the disk → typed rows for plots.
 *
 * A run's identity is its configuration, and its folder is that of `train`. What is finished is found
 * again and not trained again; another value of any setting is another run.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { runs } from "sam";
 *
 * const small = { dataset: "synthetic_16", trainCount: 40, testCount: 20, batchSize: 20 };
 * const experiment: runs.Experiment = {
 *   name: "rho",
 *   base: { ...small, model: "wide_resnet_10_1", epochs: 1 },
 *   grid: { samRho: [0, 0.05] },
 *   seeds: [0],
 * };
 * const outputDir = await Deno.makeTempDir();
 * const rows: runs.RunRow[] = [];
 * for await (const event of runs.sweep(experiment, { outputDir })) {
 *   if (event.type === "run") rows.push(...event.rows);
 * }
 * assertEquals(rows.map(({ method, epoch }) => [method, epoch]), [["SGD", 1], ["SAM", 1]]);
 * await Deno.remove(outputDir, { recursive: true });
 * ```
 *
 * @module
 */
export { type BestSetting, bestSetting } from "./best_setting.ts";
export { checkExperiment, type ExperimentParts } from "./check_experiment.ts";
export { type Experiment, type Grid, type PlannedRun, runsOf, type Variant } from "./experiment.ts";
export { finishedRuns } from "./finished.ts";
export { type FinishedRun, readRecords, writeRecords } from "./records.ts";
export { type RunRow, runRow } from "./rows.ts";
export {
  type OwnConfig,
  type OwnExperiment,
  type OwnRun,
  type OwnRunRow,
  ownRunsOf,
  type TaskBuilder,
} from "./own_experiment.ts";
export { type Shard, sweep, type SweepOptions } from "./sweep.ts";
export type {
  ConfiguredSweep,
  OwnSweep,
  SweepDivergedEvent,
  SweepEndEvent,
  SweepEvent,
  SweepFailedEvent,
  SweepRunEvent,
  SweepStartEvent,
  SweepTrainEvent,
  SweepWaitEvent,
} from "./sweep_events.ts";
