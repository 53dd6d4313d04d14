import { join } from "node:path";
import { encodeSafetensors } from "../checkpoints/mod.ts";
import { TensorFlowError } from "../tensorflow/mod.ts";
import { CONFIG_FILE, ConfigMismatchError, readConfig, writeConfig } from "./_config_file.ts";
import type { DataOptions } from "./_data.ts";
import { refuseFormerFolder } from "./_former_layout.ts";
import { lockFolder, OWNER_FILE } from "./_lock_folder.ts";
import { buildTask } from "./build_task.ts";
import { cellInterruptSignal } from "./cell_interrupt.ts";
import { hasCheckpoint } from "./checkpoint.ts";
import { ConfigError, type TrainConfig } from "./config.ts";
import { configOf } from "./config_rules.ts";
import { writeDurably, writing } from "../system/mod.ts";
import type { EndEvent, EpochEvent, StartEvent, TrainEvent } from "./events.ts";
import { requireFinite } from "./finished_run.ts";
import { fit } from "./fit.ts";
import { changesOf, runFolder } from "./identity.ts";
import { METRICS_FILE, type MetricsWriter, openMetrics, readMetricsIfThere } from "./metrics.ts";
import { readResult, writeResult } from "./result.ts";
import type { EpochRow } from "./rows.ts";
import type { ClassificationTask } from "./task.ts";
import { createTensorBoardLog } from "./tensorboard.ts";

/** Where a run is kept and how it ends. */
export interface RunOptions extends DataOptions {
  /** Default `runs`. */
  readonly outputDir?: string;
  /** The run's own folder; default {@linkcode runFolder} below the output folder. */
  readonly folder?: string;
  /**
   * Delete what is in the run's folder and start anew; default false. A function is asked when no
   * other process can be in the folder any more.
   */
  readonly restart?: boolean | (() => Promise<boolean>);
}

/**
 * Trains what a configuration describes and keeps everything in the run's folder: `config.json`,
 * `metrics.jsonl`, TensorBoard's events, its two latest checkpoints, those that the configuration
 * wants to be kept, and `result.json` in the end. Called again it goes on where the run was, or tells
 * that it is finished. While it trains, no other process can in the same folder.
 *
 * Nothing is written, and nothing deleted, before the first step is known to be possible: the data
 * are loaded, checkpoints are read, and the step is traced.
 *
 * @param given what differs from {@linkcode defaultConfig}
 * @throws ConfigError for entries, names and values that do not exist or cannot work together
 * @throws ConfigMismatchError if the folder holds a run with another configuration
 * @throws DivergedError if the loss is not finite, also of a run that finished so, unless the
 *   configuration says that it goes on
 */
export async function* train(
  given: Partial<TrainConfig>,
  { outputDir = "runs", folder, restart = false, signal = cellInterruptSignal(), ...options }:
    RunOptions = {},
): AsyncGenerator<TrainEvent> {
  const config = configOf(given);
  if (folder === undefined && restart === false) await refuseFormerFolder(outputDir, config);
  const task = await buildTask(config, { signal, ...options });
  yield* trainIn(folder ?? join(outputDir, runFolder(config)), { config, task, restart, signal });
}

interface Run {
  readonly config: TrainConfig;
  readonly task: ClassificationTask;
  readonly restart: boolean | (() => Promise<boolean>);
  readonly signal: AbortSignal | undefined;
}

async function* trainIn(
  folder: string,
  { config, task, restart, signal }: Run,
): AsyncGenerator<TrainEvent> {
  using _lock = await lockFolder(folder);
  const anew = typeof restart === "function" ? await restart() : restart;
  const holds = anew ? "nothing" : await whatHolds(folder, config);
  const metricsPath = join(folder, METRICS_FILE);
  using board = createTensorBoardLog(folder);
  let started: StartEvent | undefined;
  let metrics: MetricsWriter | undefined;

  async function onReady(): Promise<void> {
    if (anew || holds === "another run's start") await empty(folder);
    if (holds !== "the run") await writeConfig(folder, config);
    await keepLabels(folder, task);
    const resumedEpoch = started!.resumedFrom?.epoch ?? 0;
    metrics = await writing(metricsPath, () => openMetrics(metricsPath, { resumedEpoch }));
    board.show(started!);
  }

  try {
    for await (const event of fit(task, { folder, signal, resume: !anew, onReady })) {
      if (event.type === "epoch") {
        await writing(metricsPath, () => metrics!.append(lineOf(event)));
        board.show(event);
      }
      if (event.type === "end") await keepResult(folder, event, started!);
      yield event;
      if (event.type !== "start") continue;
      started = event;
      const message = await missingRows(folder, event, config);
      if (message !== undefined) yield { type: "warning", message };
    }
  } catch (error) {
    throw metrics === undefined ? untrainable(error, config, task) : error;
  } finally {
    metrics?.close();
  }
}

/** An epoch's line of `metrics.jsonl`. */
function lineOf(event: EpochEvent): EpochRow {
  const { step, learningRate, gradientNorm, parameterNorm } = event;
  const { row, lastGradientNorm, lastParameterNorm } = event;
  const norms = { gradientNorm, parameterNorm, lastGradientNorm, lastParameterNorm };
  const line = { ...row, step, learningRate, ...norms };
  return line;
}

/** Marks a run as finished, unless it was before. */
async function keepResult(
  folder: string,
  { reason, sha256, seconds }: EndEvent,
  { resumedFrom }: StartEvent,
): Promise<void> {
  if (reason !== "finished" || await readResult(folder) !== undefined) return;
  await writeResult(folder, { sha256, ...resumedFrom === undefined && { seconds } });
}

/**
 * What a run that goes on lacks of the rows of the epochs that it has done, in a sentence.
 *
 * @throws DivergedError if it is finished with a loss that is not finite, and should not be
 */
async function missingRows(
  folder: string,
  { resumedFrom, epochs }: StartEvent,
  config: TrainConfig,
): Promise<string | undefined> {
  if (resumedFrom === undefined) return undefined;
  const path = join(folder, METRICS_FILE);
  const rows = await readMetricsIfThere(path) ?? [];
  const done = resumedFrom.epoch;
  if (done === epochs) await requireFinite(rows, folder, config);
  const missing = done - rows.filter(({ epoch }) => epoch <= done).length;
  if (missing <= 0) return undefined;
  return `${path} lacks ${missing} of the ${done} epochs that are done: their figures are lost, the ` +
    "parameters are not; restart to have both";
}

/** What a folder holds when a run is begun or resumed in it. */
type Holding = "nothing" | "the run" | "another run's start";

/**
 * A run of another configuration that ended before its first checkpoint and epoch, as by a file that
 * cannot be decoded, does not hold the folder.
 *
 * @throws ConfigMismatchError if a run of another configuration holds it
 */
async function whatHolds(folder: string, config: TrainConfig): Promise<Holding> {
  const there = await readConfig(folder);
  if (there === undefined) return "nothing";
  const [found, wanted] = [changesOf(there), changesOf(config)].map((changes) =>
    Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, `${value}`]))
  ) as [Record<string, string>, Record<string, string>];
  const names = [...Object.keys(wanted), ...Object.keys(found)] as (keyof TrainConfig)[];
  const other = names.find((name) => found[name] !== wanted[name]);
  if (other === undefined) return "the run";
  if (!await hasProgress(folder)) return "another run's start";
  throw new ConfigMismatchError(
    other,
    `Cannot go on in ${folder}: it holds a run with ${other} ${there[other]}, not ` +
      `${config[other]}. Choose another output folder, or restart`,
  );
}

async function hasProgress(folder: string): Promise<boolean> {
  const metrics = await Deno.stat(join(folder, METRICS_FILE)).catch(ignoreMissing);
  return (metrics?.size ?? 0) > 0 || await hasCheckpoint(folder);
}

/** Wrong labels and true ones, for whoever wants to know which examples were learned by heart. */
async function keepLabels(folder: string, { noisyLabels }: ClassificationTask): Promise<void> {
  if (noisyLabels === undefined) return;
  const path = join(folder, "train_labels.safetensors");
  const array = (data: Int32Array) => ({ dtype: "I32" as const, shape: [data.length], data });
  const arrays = {
    labels: array(noisyLabels.labels),
    true_labels: array(noisyLabels.trueLabels),
  };
  await writing(path, () => writeDurably(path, encodeSafetensors(arrays)));
}

/** Names the entry that is to blame for a step that cannot be traced. */
function untrainable(
  error: unknown,
  { model, imageSize }: TrainConfig,
  task: ClassificationTask,
): unknown {
  const isOfShapes = error instanceof TensorFlowError && error.message.startsWith("Cannot trace");
  if (!isOfShapes) return error;
  const [, height, width, channels] = task.inputShape;
  return new ConfigError(
    imageSize === undefined ? "model" : "imageSize",
    `Cannot train ${model} on images of ${height} × ${width} × ${channels}: they do not fit its ` +
      `layers (${error.message}). Choose another size of images, or another model`,
  );
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
