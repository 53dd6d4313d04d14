/**
 * Experiments: a grid of settings × seeds → resumable runs on the disk → typed rows for plots.
 *
 * A run's identity is its configuration. What is finished is found again and not trained again;
 * another value of any setting is another run.
 *
 * @example
 * ```ts ignore
 * import { runs } from "sam";
 *
 * const experiment: runs.Experiment = {
 *   name: "rho",
 *   base: { dataset: "synthetic_16", model: "wide_resnet_10_1", epochs: 12, batchSize: 50 },
 *   grid: { samRho: [0, 0.05, 0.1] },
 *   seeds: [0, 1, 2],
 * };
 * const rows: runs.RunRow[] = [];
 * for await (const event of runs.sweep(experiment)) {
 *   if (event.type === "run") rows.push(...event.rows);
 * }
 * ```
 *
 * @module
 */
export { type Experiment, type Grid, type PlannedRun, runsOf, type Variant } from "./experiment.ts";
export { finishedRuns } from "./finished.ts";
export { changesOf, runId, runPath } from "./identity.ts";
export { type FinishedRun, readRecords, writeRecords } from "./records.ts";
export type { RunResult } from "./result.ts";
export { type RunRow, runRow } from "./rows.ts";
export { sweep, type SweepEvent, type SweepOptions } from "./sweep.ts";
