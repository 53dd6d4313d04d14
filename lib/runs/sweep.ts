import { join } from "node:path";
import {
  cellInterruptSignal,
  type DataOptions,
  DivergedError,
  FolderInUseError,
  readFinished,
  requireFinite,
  runFolder,
  type RunResult,
  train,
  type TrainEvent,
} from "../train/mod.ts";
import { joinRestart, type Restart } from "./_restart.ts";
import { type Experiment, type PlannedRun, runsOf } from "./experiment.ts";
import { type FinishedRun, readRecords } from "./records.ts";
import { type RunRow, runRow } from "./rows.ts";

/** Where the runs of a sweep are kept, and which of them are trained. */
export interface SweepOptions extends DataOptions {
  /** Where runs are kept, each in a folder of its own; default `runs`. */
  readonly outputDir?: string;
  /** A file of finished runs by `writeRecords`, which are not trained again. */
  readonly records?: string | URL;
  /**
   * Retrain all runs, finished and recorded ones included; default false. Processes that restart an
   * experiment at the same time share its runs, as always.
   */
  readonly restart?: boolean;
}

/** Before the first run. */
export interface SweepStartEvent {
  readonly type: "sweep";
  readonly name: string;
  readonly runs: readonly PlannedRun[];
}

/** Something happened within a run that is being trained. */
export interface SweepTrainEvent {
  readonly type: "train";
  readonly run: PlannedRun;
  readonly event: TrainEvent;
}

/** A run is finished, by this sweep or earlier. */
export interface SweepRunEvent {
  readonly type: "run";
  readonly run: PlannedRun;
  readonly rows: readonly RunRow[];
  readonly result: RunResult;
  /** Trained by this sweep, found in its folder, or in the file of records. */
  readonly source: "trained" | "folder" | "records";
}

/**
 * A run was given up because its loss is NaN or infinite, unless its `onNan` is "continue". The next
 * sweep tries it again from its last checkpoint.
 */
export interface SweepDivergedEvent {
  readonly type: "diverged";
  readonly run: PlannedRun;
  readonly error: DivergedError;
}

/**
 * A run cannot be built, resumed or kept; the others are trained. The next sweep tries it again.
 */
export interface SweepFailedEvent {
  readonly type: "failed";
  readonly run: PlannedRun;
  readonly error: Error;
}

/** Other processes train all the runs that are left: the sweep waits for them. */
export interface SweepWaitEvent {
  readonly type: "wait";
  readonly runs: readonly PlannedRun[];
}

/** After the last run. */
export interface SweepEndEvent {
  readonly type: "sweep-end";
  readonly reason: "finished" | "interrupted";
}

/** Everything that a sweep yields. */
export type SweepEvent =
  | SweepStartEvent
  | SweepTrainEvent
  | SweepRunEvent
  | SweepDivergedEvent
  | SweepFailedEvent
  | SweepWaitEvent
  | SweepEndEvent;

/** Milliseconds between looks at runs that other processes train. */
const PATIENCE = 1000;

/**
 * Trains the runs of an experiment that are not finished yet, one after another, and reports on all
 * of them. After a stop, it continues the interrupted run from its last checkpoint. Several processes
 * can sweep the same experiment: each takes runs that no other is training.
 *
 * Finished runs are reported first, so that a plot has them at once.
 *
 * @throws ConfigError for settings that do not exist or cannot work together, before any is trained
 */
export async function* sweep(
  experiment: Experiment,
  { outputDir = "runs", records, restart = false, signal = cellInterruptSignal(), ...options }:
    SweepOptions = {},
): AsyncGenerator<SweepEvent> {
  const runs = runsOf(experiment);
  yield { type: "sweep", name: experiment.name, runs };
  const known = records === undefined || restart ? new Map() : await readRecords(records);
  using anew = restart ? await joinRestart(outputDir, experiment.name) : undefined;
  const sources = { known, outputDir, anew };
  let left: PlannedRun[] = [];
  for (const run of runs) {
    const found = await finished(run, sources);
    if (found) yield found;
    else left.push(run);
  }
  while (left.length > 0) {
    const busy: PlannedRun[] = [];
    for (const run of left) {
      const found = await finished(run, sources);
      if (found) yield found;
      else if ((yield* trained(run, anew, { outputDir, signal, ...options })) === "busy") {
        busy.push(run);
      }
      if (signal?.aborted) return yield { type: "sweep-end", reason: "interrupted" };
    }
    if (busy.length === left.length) {
      yield { type: "wait", runs: busy };
      await new Promise((resolve) => setTimeout(resolve, PATIENCE));
    }
    left = busy;
  }
  yield { type: "sweep-end", reason: "finished" };
}

/** Where finished runs are found. */
interface Sources {
  readonly known: ReadonlyMap<string, FinishedRun>;
  readonly outputDir: string;
  readonly anew: Restart | undefined;
}

/** The run if it is finished already; in a restart, only if that restart trained it. */
async function finished(
  run: PlannedRun,
  { known, outputDir, anew }: Sources,
): Promise<SweepEvent | undefined> {
  const recorded = known.get(run.id);
  if (recorded) return told(run, recorded, "records");
  const folder = join(outputDir, runFolder(run.config));
  if (await anew?.hasBegun(folder) === false) return undefined;
  try {
    const found = await readFinished(folder);
    if (found === undefined) return undefined;
    await requireFinite(found.rows, folder, run.config);
    return told(run, found, "folder");
  } catch (error) {
    return givenUp(run, error);
  }
}

function told(
  run: PlannedRun,
  { rows, result }: Pick<FinishedRun, "rows" | "result">,
  source: SweepRunEvent["source"],
): SweepRunEvent {
  return { type: "run", run, rows: rows.map((row) => runRow(row, run)), result, source };
}

/** Trains a run to its end, or reports that another process is training it. */
async function* trained(
  run: PlannedRun,
  anew: Restart | undefined,
  options: DataOptions & { readonly outputDir: string },
): AsyncGenerator<SweepEvent, "busy" | undefined> {
  const folder = join(options.outputDir, runFolder(run.config));
  const restart = anew && (async () => !await anew.hasBegun(folder));
  let begun = false;
  try {
    for await (const event of train(run.config, { ...options, ...restart && { restart } })) {
      // By the first step, the previous contents of the folder are deleted.
      if (event.type === "step" && !begun) await anew?.begin(folder);
      begun ||= event.type === "step";
      yield { type: "train", run, event };
      if (event.type !== "end" || event.reason !== "finished") continue;
      yield told(run, (await readFinished(folder))!, "trained");
    }
  } catch (error) {
    if (error instanceof FolderInUseError) return "busy";
    // While the data were loaded.
    if (options.signal?.aborted && error === options.signal.reason) return;
    yield givenUp(run, error);
  }
}

function givenUp(run: PlannedRun, error: unknown): SweepDivergedEvent | SweepFailedEvent {
  if (error instanceof DivergedError) return { type: "diverged", run, error };
  if (error instanceof Error) return { type: "failed", run, error };
  throw error;
}
