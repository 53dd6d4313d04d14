import { join } from "node:path";
import type { Metrics } from "../optim/mod.ts";
import { reasonOf } from "../system/mod.ts";
import type { Tree } from "../tensorflow/mod.ts";
import {
  cellInterruptSignal,
  type DataOptions,
  DivergedError,
  FolderInUseError,
  readFinished,
  requireFinite,
  requireFree,
  type RunResult,
} from "../train/mod.ts";
import { checkExperiment } from "./check_experiment.ts";
import { joinRestart, type Restart } from "./_restart.ts";
import { configuredTrainer, ownTrainer, type Trainer } from "./_trainer.ts";
import type { Experiment } from "./experiment.ts";
import type { OwnConfig, OwnExperiment } from "./own_experiment.ts";
import { type FinishedRun, readRecords } from "./records.ts";
import type {
  OwnSweep,
  SweepDivergedEvent,
  SweepEvent,
  SweepFailedEvent,
  SweepKind,
  SweepRunEvent,
} from "./sweep_events.ts";

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
  /** The part of the runs that is this sweep's; default all. */
  readonly shard?: Shard;
}

/** One of equal parts of an experiment's runs, as the tasks of an array of jobs have them. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

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
 * @throws TypeError for what is not an experiment
 */
export function sweep(
  experiment: Experiment,
  options?: SweepOptions,
): AsyncGenerator<SweepEvent>;
/**
 * The same over tasks of one's own, which a builder makes of a configuration. Each run is in a folder
 * of its own, as {@linkcode trainTask} keeps it, below the builder's name.
 *
 * ```ts
 * import { optim, runs, tf, train } from "sam";
 *
 * const builder = {
 *   name: "mean",
 *   version: 1,
 *   build: ({ rate, seed }: { rate: number; seed: number }) =>
 *     train.task({
 *       parameters: { w: tf.scalar(0) },
 *       loss: ({ w }, { x }) => tf.mean(tf.square(tf.sub(x, w))),
 *       optimizer: optim.sgd(rate),
 *       training: train.batches({ x: [1, 2, 3, 4] }, { batchSize: 2 }),
 *       epochs: 2,
 *       seed,
 *     }),
 * };
 * const experiment = { name: "rates", builder, base: { rate: 0.1 }, seeds: [0] };
 * const grid = { rate: [0.1, 0.2] };
 * const outputDir = await Deno.makeTempDir();
 * for await (const event of runs.sweep({ ...experiment, grid }, { outputDir })) {
 *   if (event.type === "run") console.log(event.rows.map(({ rate, trainLoss }) => [rate, trainLoss]));
 * }
 * ```
 */
export function sweep<C extends OwnConfig, P extends Tree, B, M extends Metrics>(
  experiment: OwnExperiment<C, P, B, M>,
  options?: Omit<SweepOptions, "records" | keyof DataOptions> & Pick<DataOptions, "signal">,
): AsyncGenerator<SweepEvent<OwnSweep<C>>>;
export function sweep<C extends OwnConfig, P extends Tree, B, M extends Metrics>(
  experiment: Experiment | OwnExperiment<C, P, B, M>,
  options: SweepOptions = {},
): AsyncGenerator<SweepEvent | SweepEvent<OwnSweep<C>>> {
  checkExperiment(experiment);
  return "builder" in experiment
    ? sweepRuns(experiment.name, () => ownTrainer(experiment), options)
    : sweepRuns(experiment.name, () => configuredTrainer(experiment), options);
}

/** What {@linkcode sweep} does; the runs are planned when it begins. */
async function* sweepRuns<Kind extends SweepKind>(
  name: string,
  plan: () => Trainer<Kind>,
  { outputDir = "runs", records, restart = false, shard, ...rest }: SweepOptions,
): AsyncGenerator<SweepEvent<Kind>> {
  const { signal = cellInterruptSignal(), ...options } = rest;
  const trainer = plan();
  const runs = shard === undefined ? trainer.runs : partOf(trainer.runs, shard);
  yield { type: "sweep", name, runs };
  const known = records === undefined || restart ? new Map() : await readRecords(records);
  using anew = restart ? await joinRestart(outputDir, name) : undefined;
  const sources = { known, outputDir, anew };
  let left: Trainer<Kind>["runs"] = [];
  for (const run of runs) {
    const found = await finished(trainer, run, sources);
    if (found) yield found;
    else left = [...left, run];
  }
  while (left.length > 0) {
    const busy: Trainer<Kind>["runs"][number][] = [];
    for (const run of left) {
      const found = await finished(trainer, run, sources);
      const given = { outputDir, signal, ...options };
      if (found) yield found;
      else if ((yield* trained(trainer, run, anew, given)) === "busy") busy.push(run);
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

/**
 * Every n-th run, so that the parts have about as much to do.
 *
 * @throws RangeError for a part that there is not
 */
function partOf<Run>(runs: readonly Run[], { index, count }: Shard): readonly Run[] {
  if (![index, count].every(Number.isSafeInteger) || index < 1 || index > count) {
    throw new RangeError(
      `Cannot train part ${index} of ${count}: both must be integers, and the part from 1 to ${count}`,
    );
  }
  return runs.filter((_, position) => position % count === index - 1);
}

/** Where finished runs are found. */
interface Sources {
  readonly known: ReadonlyMap<string, FinishedRun>;
  readonly outputDir: string;
  readonly anew: Restart | undefined;
}

/** The run if it is finished already; in a restart, only if that restart trained it. */
async function finished<Kind extends SweepKind>(
  trainer: Trainer<Kind>,
  run: Trainer<Kind>["runs"][number],
  { known, outputDir, anew }: Sources,
): Promise<SweepEvent<Kind> | undefined> {
  const recorded = known.get(run.id);
  if (recorded) return told(trainer, run, recorded, "records");
  const folder = join(outputDir, trainer.folderOf(run));
  if (await anew?.hasBegun(folder) === false) return undefined;
  try {
    const found = await readFinished<Kind["epoch"]>(folder);
    if (found === undefined) return undefined;
    await requireFinite(found.rows, folder, { onNan: trainer.onNanOf(run) });
    return told(trainer, run, found, "folder");
  } catch (error) {
    return givenUp(run, error);
  }
}

function told<Kind extends SweepKind>(
  trainer: Trainer<Kind>,
  run: Kind["run"],
  { rows, result }: { readonly rows: readonly Kind["epoch"][]; readonly result: RunResult },
  source: SweepRunEvent["source"],
): SweepRunEvent<Kind> {
  return {
    type: "run",
    run,
    rows: rows.map((row) => trainer.rowOf(row, run, result)),
    result,
    source,
  };
}

/** Trains a run to its end, or reports that another process is training it. */
async function* trained<Kind extends SweepKind>(
  trainer: Trainer<Kind>,
  run: Kind["run"],
  anew: Restart | undefined,
  options: DataOptions & { readonly outputDir: string },
): AsyncGenerator<SweepEvent<Kind>, "busy" | undefined> {
  const folder = join(options.outputDir, trainer.folderOf(run));
  const restart = anew && (async () => !await anew.hasBegun(folder));
  let begun = false;
  try {
    await requireFree(folder);
    for await (const event of trainer.train(run, { ...options, ...restart && { restart } })) {
      // By the first step, the previous contents of the folder are deleted.
      if (event.type === "step" && !begun) await anew?.begin(folder);
      begun ||= event.type === "step";
      yield { type: "train", run, event };
      if (event.type !== "end" || event.reason !== "finished") continue;
      yield told(trainer, run, (await readFinished<Kind["epoch"]>(folder))!, "trained");
    }
  } catch (error) {
    if (error instanceof FolderInUseError) return "busy";
    // While the data were loaded.
    if (options.signal?.aborted && error === options.signal.reason) return;
    yield givenUp(run, error);
  }
}

function givenUp<Kind extends SweepKind>(
  run: Kind["run"],
  error: unknown,
): SweepDivergedEvent<Kind> | SweepFailedEvent<Kind> {
  if (error instanceof DivergedError) return { type: "diverged", run, error };
  if (error instanceof Error) return { type: "failed", run, error };
  const told = new Error(`Cannot train the run: its task threw ${reasonOf(error)}`, {
    cause: error,
  });
  return { type: "failed", run, error: told };
}
