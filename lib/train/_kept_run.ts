import { join } from "node:path";
import { prepareTogether, type Workers } from "../distributed/mod.ts";
import {
  METRICS_FILE,
  type MetricsWriter,
  openMetrics,
  readMetricsIfThere,
  type TaskRow,
} from "../metrics/mod.ts";
import type { Metrics } from "../optim/mod.ts";
import { writing } from "../system/mod.ts";
import type { Tree } from "../tensorflow/mod.ts";
import { CONFIG_FILE } from "./_config_file.ts";
import type { Holding } from "./_holding.ts";
import { lockFolder, OWNER_FILE } from "./_lock_folder.ts";
import type { EndEvent, EpochEvent, StartEvent, TrainEvent } from "./events.ts";
import { requireFinite } from "./finished_run.ts";
import { fit } from "./fit.ts";
import { readResult, writeResult } from "./result.ts";
import type { Task } from "./task.ts";
import type { RowOf } from "./row_of.ts";
import { createTensorBoardLog } from "./tensorboard.ts";

/** How a run is known in its folder. */
export interface Identity {
  /**
   * Whether the folder holds this run. One of another that ended before its first checkpoint and epoch,
   * as by a file that cannot be decoded, does not hold it.
   *
   * @throws ConfigMismatchError if another run holds it
   */
  held(folder: string): Promise<Holding>;
  /** Writes into the folder which run it is. */
  write(folder: string): Promise<void>;
  /** Keeps what goes with the run, whenever it is begun or resumed. */
  keep?(folder: string): Promise<void>;
  /** What is told of an error before the first step. */
  explain?(error: unknown): unknown;
}

/** How a run is kept and how it ends. */
export interface KeepOptions {
  readonly identity: Identity;
  readonly restart: boolean | (() => Promise<boolean>);
  readonly signal: AbortSignal | undefined;
  /** Those that train together, of which the chief keeps the run. */
  readonly workers?: Workers | undefined;
}

/** Trains a task and keeps in a folder what its events tell; no other run can meanwhile. */
export async function* keptRun<P extends Tree, B, M extends Metrics>(
  folder: string,
  task: Task<P, B, M>,
  options: KeepOptions,
): AsyncGenerator<TrainEvent<RowOf<M>>> {
  const { identity, signal, workers } = options;
  const isChief = workers?.isChief ?? true;
  using stack = new DisposableStack();
  try {
    await prepareTogether(workers, async () => {
      if (isChief) stack.use(await lockFolder(folder));
    });
    const anew = await wantsRestart(options);
    const holds = await prepareTogether(
      workers,
      async () => isChief && !anew ? await identity.held(folder) : "nothing",
    );
    if (isChief) return yield* chiefRun(folder, task, { ...options, anew, holds });
    yield* fit(task, { folder, signal, resume: !anew, workers });
  } catch (error) {
    throw workers === undefined ? error : await workers.explain(error);
  }
}

/** Whether all begin anew: what the chief is told, or answers, as it alone is asked. */
async function wantsRestart({ restart, workers }: KeepOptions): Promise<boolean> {
  if (typeof restart === "boolean") return restart;
  if (workers === undefined) return await restart();
  const [[answer]] = await workers.exchange([Number(workers.isChief && await restart())]) as [
    [number],
  ];
  return answer === 1;
}

/** The run of a process that is alone, or of the chief. */
async function* chiefRun<P extends Tree, B, M extends Metrics>(
  folder: string,
  task: Task<P, B, M>,
  { identity, signal, workers, anew, holds }: KeepOptions & {
    readonly anew: boolean;
    readonly holds: Holding;
  },
): AsyncGenerator<TrainEvent<RowOf<M>>> {
  const metricsPath = join(folder, METRICS_FILE);
  using board = createTensorBoardLog(folder);
  let started: StartEvent<RowOf<M>> | undefined;
  let metrics: MetricsWriter | undefined;

  async function onReady(): Promise<void> {
    if (anew || holds === "another run's start") await empty(folder);
    if (holds !== "the run") await identity.write(folder);
    await identity.keep?.(folder);
    const resumedEpoch = started!.resumedFrom?.epoch ?? 0;
    metrics = await writing(metricsPath, () => openMetrics(metricsPath, { resumedEpoch }));
    board.show(started!);
  }

  try {
    for await (const told of fit(task, { folder, signal, resume: !anew, onReady, workers })) {
      const event = told.type === "start" ? await withEarlierRows(folder, told) : told;
      if (event.type === "epoch") await writing(metricsPath, () => metrics!.append(lineOf(event)));
      if (event.type === "epoch" || event.type === "end") board.show(event);
      if (event.type === "end") await keepResult(folder, event, started!);
      yield event;
      if (event.type !== "start") continue;
      started = event;
      const message = await missingRows(folder, event, task);
      if (message !== undefined) yield { type: "warning", message };
    }
  } catch (error) {
    throw metrics === undefined ? identity.explain?.(error) ?? error : error;
  } finally {
    metrics?.close();
  }
}

/** An epoch's line of `metrics.jsonl`. */
function lineOf(event: EpochEvent<TaskRow>): TaskRow {
  const { step, learningRate, gradientNorm, parameterNorm } = event;
  const { row, lastGradientNorm, lastParameterNorm } = event;
  const norms = { gradientNorm, parameterNorm, lastGradientNorm, lastParameterNorm };
  return { ...row, step, ...learningRate !== undefined && { learningRate }, ...norms };
}

/** Marks a run as finished, unless it was with these parameters: a task may be given more epochs. */
async function keepResult(
  folder: string,
  { reason, sha256, seconds, outcome }: EndEvent,
  { resumedFrom }: StartEvent<TaskRow>,
): Promise<void> {
  if (reason !== "finished" || (await readResult(folder))?.sha256 === sha256) return;
  await writeResult(folder, { sha256, ...resumedFrom === undefined && { seconds }, ...outcome });
}

/** A start that tells the rows of the epochs that are done. */
async function withEarlierRows<Row extends TaskRow>(
  folder: string,
  event: StartEvent<Row>,
): Promise<StartEvent<Row>> {
  const { resumedFrom } = event;
  if (resumedFrom === undefined) return event;
  const rows = await readMetricsIfThere<Row>(join(folder, METRICS_FILE)) ?? [];
  const earlier = rows.filter(({ epoch }) => epoch <= resumedFrom.epoch);
  return { ...event, resumedFrom: { ...resumedFrom, rows: earlier } };
}

/**
 * What a run that goes on lacks of the rows of the epochs that it has done, in a sentence.
 *
 * @throws DivergedError if it is finished with a loss that is not finite, and should not be
 */
async function missingRows(
  folder: string,
  { resumedFrom, epochs }: StartEvent<TaskRow>,
  { onNan }: Pick<Task<Tree, unknown>, "onNan">,
): Promise<string | undefined> {
  if (resumedFrom === undefined) return undefined;
  const { epoch: done, rows = [] } = resumedFrom;
  if (done === epochs) await requireFinite(rows, folder, { onNan });
  const missing = done - rows.length;
  if (missing <= 0) return undefined;
  return `${
    join(folder, METRICS_FILE)
  } lacks ${missing} of the ${done} epochs that are done: their figures are lost, the ` +
    "parameters are not; restart to have both";
}

/**
 * Removes what is in a folder but for its lock, checkpoints before the metrics, which resumed runs
 * need. The configuration is the last to go: without it, what a process that was killed here leaves of
 * the run would be taken for a part of the next one.
 */
async function empty(folder: string): Promise<void> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  for (const name of names.sort().filter((name) => name !== OWNER_FILE && name !== CONFIG_FILE)) {
    await Deno.remove(join(folder, name), { recursive: true });
  }
  await Deno.remove(join(folder, CONFIG_FILE), { recursive: true }).catch(ignoreMissing);
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
