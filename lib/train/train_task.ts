import { isDeepStrictEqual } from "node:util";
import type { Workers } from "../distributed/mod.ts";
import type { Metrics } from "../optim/mod.ts";
import type { Tree } from "../tensorflow/mod.ts";
import { readEntries, writeConfig } from "./_config_file.ts";
import { holdingOf } from "./_holding.ts";
import { keptRun } from "./_kept_run.ts";
import { cellInterruptSignal } from "./cell_interrupt.ts";
import type { TrainEvent } from "./events.ts";
import type { RowOf } from "./row_of.ts";
import type { Task } from "./task.ts";

/** Where a task's run is kept and how it ends. */
export interface TrainTaskOptions {
  /** The run's own folder. */
  readonly folder: string;
  /**
   * Delete what is in the folder and start anew; default false. A function is asked when no other
   * process can be in the folder any more.
   */
  readonly restart?: boolean | (() => Promise<boolean>);
  /** Stops the training; default: the interrupt of the notebook's cell. */
  readonly signal?: AbortSignal | undefined;
  /** Those that train together, see `fit`; the chief keeps the run. */
  readonly workers?: Workers | undefined;
}

/**
 * Trains a task of one's own and keeps everything in a folder, as `train` does for a configuration:
 * the task's `config` as `config.json`, `metrics.jsonl`, TensorBoard's events, checkpoints, and
 * `result.json` in the end. Called again it goes on where the run was, or tells that it is finished.
 *
 * The task's `config` tells its run from others: say there what the task was made of.
 *
 * ```ts
 * import { optim, tf, train } from "sam";
 *
 * const task = (learningRate: number) =>
 *   train.task({
 *     parameters: { w: tf.scalar(0) },
 *     loss: ({ w }, { x }) => tf.mean(tf.square(tf.sub(x, w))),
 *     optimizer: optim.sgd(learningRate),
 *     training: train.batches({ x: [1, 2, 3, 4] }, { batchSize: 2 }),
 *     epochs: 2,
 *     config: { learningRate },
 *   });
 * const folder = await Deno.makeTempDir();
 * for await (const event of train.trainTask(task(0.1), { folder })) {
 *   if (event.type === "end") console.log(event.reason); // finished
 * }
 * const rows = await train.readMetrics<train.TaskRow>(`${folder}/metrics.jsonl`);
 * console.log(rows.length); // 2
 * ```
 *
 * @throws ConfigMismatchError if the folder holds a run with another `config`
 * @throws TypeError for a `config` that JSON does not hold, by which runs would be taken for each other
 * @throws FolderInUseError if another process trains in the folder
 */
export async function* trainTask<P extends Tree, B, M extends Metrics>(
  task: Task<P, B, M>,
  { folder, restart = false, signal = cellInterruptSignal(), workers }: TrainTaskOptions,
): AsyncGenerator<TrainEvent<RowOf<M>>> {
  const entries = storable(task.config ?? {});
  const identity = {
    held: async (folder: string) => await holdingOf(folder, await readEntries(folder), entries),
    write: (folder: string) => writeConfig(folder, entries),
  };
  yield* keptRun(folder, task, { identity, restart, signal, workers });
}

/** A configuration as `config.json` holds it: without what is undefined. */
function storable(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = Object.entries(config).filter(([, value]) => value !== undefined);
  const isRecord = Object.getPrototypeOf(config) === Object.prototype;
  const [lost] = isRecord ? given.find(([, value]) => !isHeldByJson(value)) ?? [] : ["itself"];
  if (lost === undefined) return JSON.parse(JSON.stringify(Object.fromEntries(given)));
  throw new TypeError(
    `Cannot keep the task's config: JSON does not hold ${lost}. Make it of numbers that are finite, ` +
      "texts, booleans, null, and arrays and records of them",
  );
}

function isHeldByJson(value: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(JSON.stringify(value) ?? "null"), value);
  } catch {
    return false; // it goes round in a circle, or has a number of another kind
  }
}
