import { statSync } from "node:fs";
import { dirname } from "node:path";
import {
  CheckpointError,
  type CheckpointFile,
  hasAverage,
  openCheckpoint,
  restoreVariables,
} from "../checkpoints/mod.ts";
import type { ImageSource } from "../data/mod.ts";
import type { Model, Variables } from "../nn/mod.ts";
import { leaves, tf } from "../tensorflow/mod.ts";
import { ConfigMismatchError, readConfig } from "./_config_file.ts";
import { type DataOptions, loadSource } from "./_data.ts";
import { withImageSize } from "./_image_size.ts";
import { modelOf } from "./build_task.ts";
import { ConfigError } from "./config.ts";
import type { TrainConfig } from "./train_config.ts";
import { configOf } from "./config_rules.ts";

/** A network with the variables of a checkpoint, and the data that its configuration names. */
export interface TrainedModel extends Disposable {
  /** The checkpoint's file. */
  readonly path: string;
  readonly config: TrainConfig;
  readonly source: ImageSource;
  readonly model: Model;
  /** They are disposed with it. */
  readonly variables: Variables;
  /** Whether these are the moving average of the parameters. */
  readonly isAverage: boolean;
}

/** Options of {@linkcode openTrained}. */
export interface TrainedOptions extends DataOptions {
  /**
   * Whether the moving average of the parameters is taken; default: where one was kept, as runs are judged
   * by it.
   */
  readonly average?: boolean | undefined;
}

/**
 * Opens a checkpoint with its network: of a run's folder the newest, or a file, also of FLAX and
 * TensorFlow. Beside the checkpoints of a run is its configuration; of others `given` has to name the
 * model and the data set.
 *
 * ```ts
 * import { train } from "sam";
 *
 * const data = { dataset: "synthetic_16", trainCount: 40, testCount: 20, batchSize: 20 };
 * const config = { ...data, model: "wide_resnet_10_1", epochs: 1 };
 * const folder = await Deno.makeTempDir();
 * for await (const _event of train.train(config, { folder })) { }
 * using trained = await train.openTrained(folder);
 * const { error } = await train.assess(trained);
 * console.log(error); // 0.9, about
 * ```
 *
 * @param given takes the place of entries of the run's configuration
 * @throws ConfigError for entries that cannot be, and for a checkpoint that does not fit the network
 */
export async function openTrained(
  path: string,
  given: Partial<TrainConfig> = {},
  { average, ...options }: TrainedOptions = {},
): Promise<TrainedModel> {
  const found = [path, `${path}.index`].map((path) => statSync(path, { throwIfNoEntry: false }));
  if (found.every((file) => file === undefined)) {
    throw new ConfigError(
      "",
      `Cannot open ${path}: there is no such checkpoint, nor a folder of them`,
    );
  }
  using file = opened(path);
  const folder = found[0]?.isDirectory() ? path : dirname(path);
  const stored = await readConfig(folder).catch((error) => {
    if (!(error instanceof ConfigMismatchError)) throw error;
    throw new ConfigError(
      error.key,
      `Cannot open ${path}: its config.json has ${error.key}, and so is not of a run of train. Tensors of ` +
        "a task of your own are read by checkpoints.openCheckpoint",
    );
  });
  const missing = (["model", "dataset"] as const).find((name) => given[name] === undefined);
  if (stored === undefined && missing !== undefined) {
    throw new ConfigError(
      missing,
      `Cannot open ${path} without its ${missing}: no config.json beside it names it`,
    );
  }
  const config = configOf({ ...stored, ...given });
  const source = await loadSource(withImageSize(config).sized, options);
  const model = modelOf(config, source.classes.length, source.shape);
  return { config, source, model, ...restored(file, model, [1, ...source.shape], average) };
}

/** @throws ConfigError of no entry for what is not a checkpoint, nor a folder of them */
function opened(path: string): CheckpointFile {
  try {
    return openCheckpoint(path);
  } catch (error) {
    throw error instanceof CheckpointError ? new ConfigError("", error.message) : error;
  }
}

function restored(
  file: CheckpointFile,
  model: Model,
  inputShape: readonly number[],
  average: boolean | undefined,
): Omit<TrainedModel, "config" | "source" | "model"> {
  const initial = model.init(0, inputShape);
  try {
    const isAverage = average ?? hasAverage(file);
    const options = { average: isAverage, replaceHead: false };
    const { variables } = restoreVariables(file, initial, options);
    return {
      path: file.path,
      variables,
      isAverage,
      [Symbol.dispose]: () => tf.dispose([...leaves(variables.params), ...leaves(variables.state)]),
    };
  } catch (error) {
    throw error instanceof CheckpointError ? new ConfigError("model", error.message) : error;
  } finally {
    tf.dispose([...leaves(initial.params), ...leaves(initial.state)]);
  }
}
