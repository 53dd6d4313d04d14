/** What a sweep tells. @module */
import type { DivergedError, EpochRow, RunResult, TaskRow, TrainEvent } from "../train/mod.ts";
import type { PlannedRun } from "./experiment.ts";
import type { OwnConfig, OwnRun, OwnRunRow } from "./own_experiment.ts";
import type { RunRow } from "./rows.ts";

/** What a sweep is over: what tells one sweep's events from another's. */
export interface SweepKind {
  readonly run: unknown;
  readonly row: unknown;
  readonly epoch: TaskRow;
}

/** A sweep over configurations of `train`. */
export interface ConfiguredSweep extends SweepKind {
  readonly run: PlannedRun;
  readonly row: RunRow;
  readonly epoch: EpochRow;
}

/** A sweep over tasks of one's own. */
export interface OwnSweep<C extends OwnConfig> extends SweepKind {
  readonly run: OwnRun<C>;
  readonly row: OwnRunRow<C>;
  readonly epoch: TaskRow;
}

/** Before the first run. */
export interface SweepStartEvent<Kind extends SweepKind = ConfiguredSweep> {
  readonly type: "sweep";
  readonly name: string;
  readonly runs: readonly Kind["run"][];
}

/** Something happened within a run that is being trained. */
export interface SweepTrainEvent<Kind extends SweepKind = ConfiguredSweep> {
  readonly type: "train";
  readonly run: Kind["run"];
  readonly event: TrainEvent<Kind["epoch"]>;
}

/** A run is finished, by this sweep or earlier. */
export interface SweepRunEvent<Kind extends SweepKind = ConfiguredSweep> {
  readonly type: "run";
  readonly run: Kind["run"];
  readonly rows: readonly Kind["row"][];
  readonly result: RunResult;
  /** Trained by this sweep, found in its folder, or in the file of records. */
  readonly source: "trained" | "folder" | "records";
}

/**
 * A run was given up because its loss is NaN or infinite, unless its `onNan` is "continue". The next
 * sweep tries it again from its last checkpoint.
 */
export interface SweepDivergedEvent<Kind extends SweepKind = ConfiguredSweep> {
  readonly type: "diverged";
  readonly run: Kind["run"];
  readonly error: DivergedError;
}

/**
 * A run cannot be built, resumed or kept; the others are trained. The next sweep tries it again.
 */
export interface SweepFailedEvent<Kind extends SweepKind = ConfiguredSweep> {
  readonly type: "failed";
  readonly run: Kind["run"];
  readonly error: Error;
}

/** Other processes train all the runs that are left: the sweep waits for them. */
export interface SweepWaitEvent<Kind extends SweepKind = ConfiguredSweep> {
  readonly type: "wait";
  readonly runs: readonly Kind["run"][];
}

/** After the last run. */
export interface SweepEndEvent {
  readonly type: "sweep-end";
  readonly reason: "finished" | "interrupted";
}

/** Everything that a sweep yields. */
export type SweepEvent<Kind extends SweepKind = ConfiguredSweep> =
  | SweepStartEvent<Kind>
  | SweepTrainEvent<Kind>
  | SweepRunEvent<Kind>
  | SweepDivergedEvent<Kind>
  | SweepFailedEvent<Kind>
  | SweepWaitEvent<Kind>
  | SweepEndEvent;
