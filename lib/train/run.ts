import { join } from "node:path";
import { encodeSafetensors } from "../checkpoints/mod.ts";
import { prepareTogether } from "../distributed/mod.ts";
import { writeDurably, writing } from "../system/mod.ts";
import { TensorFlowError } from "../tensorflow/mod.ts";
import { readConfig, writeConfig } from "./_config_file.ts";
import type { DataOptions } from "./_data.ts";
import { refuseFormerFolder } from "./_former_layout.ts";
import { holdingOf } from "./_holding.ts";
import { keptRun } from "./_kept_run.ts";
import { buildTask } from "./build_task.ts";
import { cellInterruptSignal } from "./cell_interrupt.ts";
import { ConfigError } from "./config.ts";
import { configOf } from "./config_rules.ts";
import type { TrainEvent } from "./events.ts";
import { identifying, runFolder } from "./identity.ts";
import type { ClassificationTask } from "./task.ts";
import type { TrainConfig } from "./train_config.ts";

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
 * that it is finished: the start event has the rows of the epochs that were done before. While it
 * trains, no other process can in the same folder.
 *
 * Nothing is written, and nothing deleted, before the first step is known to be possible: the data
 * are loaded, checkpoints are read, and the step is traced.
 *
 * With workers each of them calls it with the same configuration; the chief keeps the run.
 *
 * ```ts
 * import { train } from "sam";
 *
 * const small = { dataset: "synthetic_16", trainCount: 40, testCount: 20, batchSize: 20 };
 * const outputDir = await Deno.makeTempDir();
 * const config = { ...small, model: "wide_resnet_10_1", epochs: 1 };
 * for await (const event of train.train(config, { outputDir })) {
 *   if (event.type === "epoch") console.log(event.row.testError);
 * }
 * ```
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
  const { workers } = options;
  const { config, task } = await prepareTogether(workers, async () => {
    const config = configOf(given);
    if (folder === undefined && restart === false) await refuseFormerFolder(outputDir, config);
    return { config, task: await buildTask(config, { signal, ...options }) };
  });
  try {
    yield* keptRun(folder ?? join(outputDir, runFolder(config)), task, {
      identity: {
        held: async (folder) => {
          const there = await readConfig(folder);
          return await holdingOf(folder, there && identifying(there), identifying(config));
        },
        write: (folder) => writeConfig(folder, config),
        keep: (folder) => keepLabels(folder, task),
        explain: (error) => untrainable(error, config, task),
      },
      restart,
      signal,
      workers,
    });
  } catch (error) {
    throw workers === undefined ? error : await workers.explain(error);
  }
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
