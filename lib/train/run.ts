import { join } from "node:path";
import { encodeSafetensors } from "../checkpoints/mod.ts";
import { modelImageSize } from "../models/mod.ts";
import type { DataOptions } from "./_data.ts";
import { buildTask } from "./build_task.ts";
import { cellInterruptSignal } from "./cell_interrupt.ts";
import { hasCheckpoint } from "./checkpoint.ts";
import { defaultConfig, KEEPING, runFolder, type TrainConfig } from "./config.ts";
import { writeDurably, writing } from "../system/mod.ts";
import { lockFolder, OWNER_FILE } from "./_lock_folder.ts";
import type { EpochEvent, StartEvent, TrainEvent } from "./events.ts";
import { fit } from "./fit.ts";
import { type MetricsWriter, openMetrics } from "./metrics.ts";
import type { EpochRow } from "./rows.ts";
import type { ClassificationTask } from "./task.ts";
import { createTensorBoardLog } from "./tensorboard.ts";

const CONFIG_FILE = "config.json";
const METRICS_FILE = "metrics.jsonl";

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

/** A run cannot go on in the folder of a run with another configuration. */
export class ConfigMismatchError extends Error {
  override readonly name = "ConfigMismatchError";
  /** The first entry that differs. */
  readonly key: string;

  constructor(key: string, message: string) {
    super(message);
    this.key = key;
  }
}

/**
 * Trains what a configuration describes and keeps everything in the run's folder: `config.json`,
 * `metrics.jsonl`, TensorBoard's events, its two latest checkpoints and those that the configuration
 * wants to be kept. Called again it goes on where the run was, or tells that it is finished. While it
 * trains, no other process can in the same folder.
 *
 * Nothing is written, and nothing deleted, before the first step is known to be possible: the data
 * are loaded, checkpoints are read, and the step is traced.
 *
 * @throws ConfigMismatchError if the folder holds a run with another configuration
 * @throws ConfigError for names and values that do not exist or cannot work together
 */
export async function* train(
  config: TrainConfig,
  {
    outputDir = "runs",
    folder = join(outputDir, runFolder(config)),
    restart = false,
    signal = cellInterruptSignal(),
    ...options
  }: RunOptions = {},
): AsyncGenerator<TrainEvent> {
  const { workers } = options;
  const isChief = workers?.isChief ?? true;
  let metrics: MetricsWriter | undefined;
  try {
    const task = await buildTask(config, { signal, ...options });
    using _lock = isChief ? await lockFolder(folder) : undefined;
    const anew = typeof restart === "function" ? await restart() : restart;
    const isClaimed = isChief && !anew && await holdsRun(folder, config);
    const metricsPath = join(folder, METRICS_FILE);
    using board = createTensorBoardLog(folder);
    let started: StartEvent | undefined;

    // deno-lint-ignore no-inner-declarations
    async function onReady(): Promise<void> {
      if (!isChief) return;
      if (anew) await empty(folder);
      if (!isClaimed) await claim(folder, config);
      await keepLabels(folder, task);
      const resumedEpoch = started!.resumedFrom?.epoch ?? 0;
      metrics = await writing(metricsPath, () => openMetrics(metricsPath, { resumedEpoch }));
      board.show(started!);
    }

    for await (const event of fit(task, { folder, signal, resume: !anew, onReady, workers })) {
      if (event.type === "start") started = event;
      if (event.type === "epoch" && isChief) {
        await writing(metricsPath, () => metrics!.append(lineOf(event)));
        board.show(event);
      }
      yield event;
    }
  } catch (error) {
    throw workers === undefined ? error : await workers.explain(error);
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

/** Writes the configuration into the run's folder. */
async function claim(folder: string, config: TrainConfig): Promise<void> {
  const path = join(folder, CONFIG_FILE);
  const json = JSON.stringify(config, undefined, 2) + "\n";
  await writing(path, () => writeDurably(path, [new TextEncoder().encode(json)]));
}

/**
 * Whether a run of the configuration is in a folder. One of another configuration that ended before its
 * first checkpoint and epoch, as by a file that cannot be decoded, does not hold the folder.
 *
 * @throws ConfigMismatchError if one of another configuration is
 */
async function holdsRun(folder: string, config: TrainConfig): Promise<boolean> {
  const path = join(folder, CONFIG_FILE);
  const text = await Deno.readTextFile(path).catch(ignoreMissing);
  if (text === undefined) return false;
  const found = entriesOf(parseConfig(text, path), folder);
  const wanted: Record<string, unknown> = { ...config };
  const kept: readonly string[] = KEEPING;
  for (const name of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
    if (!kept.includes(name) && found[name] !== wanted[name]) {
      if (!await hasProgress(folder)) return false;
      throw new ConfigMismatchError(
        name,
        `Cannot go on in ${folder}: it holds a run with ${name} ${found[name]}, not ` +
          `${wanted[name]}. Choose another output folder, or restart`,
      );
    }
  }
  return true;
}

async function hasProgress(folder: string): Promise<boolean> {
  const metrics = await Deno.stat(join(folder, METRICS_FILE)).catch(ignoreMissing);
  return (metrics?.size ?? 0) > 0 || await hasCheckpoint(folder);
}

/**
 * The entries of a run that is there. One that the run's version did not know had the effect of today's
 * default.
 *
 * @throws ConfigMismatchError for an EfficientNet of versions that brought images to no size of its own;
 *   they wrote "no" or "yes" for whether batch norm is frozen, which concerns no other network
 */
function entriesOf(
  { freezeBatchNorm, ...entries }: Partial<Record<string, unknown>>,
  folder: string,
): Record<string, unknown> {
  const known = { ...defaultConfig, ...entries };
  if (typeof freezeBatchNorm !== "string") return { ...known, freezeBatchNorm };
  if (modelImageSize(`${known.model}`) === undefined) return known;
  throw new ConfigMismatchError(
    "freezeBatchNorm",
    `Cannot go on in ${folder}: it holds a run of ${known.model} by an older version, which trained ` +
      "EfficientNets on images of other sizes. Choose another output folder, or restart",
  );
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

function parseConfig(text: string, path: string): Partial<Record<string, unknown>> {
  const unusable = (found: string, cause?: unknown) =>
    new Deno.errors.InvalidData(
      `Cannot go on with the run of ${path}: it is ${found}. Restart, or choose another output folder`,
      { cause },
    );
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (cause) {
    throw unusable("not JSON", cause);
  }
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw unusable("no configuration");
  }
  return { ...config };
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
  await Deno.remove(join(folder, CONFIG_FILE)).catch(ignoreMissing);
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
