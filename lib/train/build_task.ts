import { CheckpointError, openCheckpoint, restoreVariables } from "../checkpoints/mod.ts";
import { buildModel, freezesBatchNorm } from "../models/mod.ts";
import type { Workers } from "../distributed/mod.ts";
import type { Model, Variables } from "../nn/mod.ts";
import { type Optimizer, rmsprop, type Schedule, schedules, sgd } from "../optim/mod.ts";
import { lacksBfloat16Units } from "../tensorflow/mod.ts";
import { type DataOptions, loadData } from "./_data.ts";
import { named } from "./_named.ts";
import { requireKnownFormat } from "./checkpoint.ts";
import { ConfigError, methodOf } from "./config.ts";
import type { TrainConfig } from "./train_config.ts";
import { classificationEvaluator } from "./classification_evaluator.ts";
import { configOf } from "./config_rules.ts";
import { samGradient } from "./gradient.ts";
import type { ClassificationTask } from "./task.ts";

/**
 * Loads the data and puts together what a configuration describes.
 *
 * ```ts
 * import { train } from "sam";
 *
 * const task = await train.buildTask({
 *   dataset: "synthetic_16",
 *   model: "wide_resnet_10_1",
 *   trainCount: 200,
 *   epochs: 1,
 * });
 * console.log(task.training.size); // 1, the steps of an epoch
 * ```
 *
 * @param given what differs from {@linkcode defaultConfig}
 * @throws ConfigError for entries, names and values that do not exist or cannot work together
 */
export async function buildTask(
  given: Partial<TrainConfig>,
  options: DataOptions = {},
): Promise<ClassificationTask> {
  const config = configOf(given);
  const { batchSize, epochs, seed, labelSmoothing, gradientClipping } = config;
  const { classes, shape, ...data } = await loadData(config, options);
  const model = modelOf(config, classes, shape);
  const stepsPerEpoch = data.training.size;
  const learningRate = scheduleOf(config, stepsPerEpoch);
  return {
    model,
    gradient: gradientOf(config, model, options.workers),
    optimizer: optimizerOf(config, learningRate),
    learningRate,
    ...gradientClipping !== "none" && { gradientClipping },
    ...config.emaDecay !== "none" && { averageDecay: config.emaDecay },
    labelSmoothing,
    ...data,
    ...precisionOf(config, data.warnings),
    ...evaluationOf(config, classes),
    evaluator: classificationEvaluator,
    ...config.saveProgressSeconds !== "none" && {
      saveProgressSeconds: config.saveProgressSeconds,
    },
    additionalCheckpointsAtEpochs: config.additionalCheckpointsAtEpochs,
    onNan: config.onNan,
    inputShape: [batchSize, ...shape],
    epochs,
    seed,
    ...config.initFrom !== undefined && { restore: restoreFrom(config.initFrom) },
    labels: {
      dataset: config.dataset,
      model: config.model,
      method: methodOf(config),
      rho: config.samRho,
      labelNoise: config.labelNoise,
      seed,
    },
    config: { ...config },
  };
}

/** @param warnings of the data, before which it is told where bfloat16 gains nothing */
function precisionOf(
  { precision }: TrainConfig,
  warnings: readonly string[] = [],
): Pick<ClassificationTask, "precision" | "warnings"> {
  const reason = precision === "bfloat16" ? lacksBfloat16Units() : undefined;
  if (reason === undefined) return { precision, warnings };
  const slow = `Training in bfloat16 is several times slower than in float32 here, as ${reason}`;
  return { precision, warnings: [slow, ...warnings] };
}

/** Of five classes or fewer, none is outside the five likeliest. */
function evaluationOf(
  { evaluateEvery, evaluateTop5 }: TrainConfig,
  classes: number,
): Pick<ClassificationTask, "evaluateEvery" | "evaluateTop5"> {
  if (evaluateTop5 && classes <= 5) {
    throw new ConfigError(
      "evaluateTop5",
      `Cannot evaluate the top-5 error of ${classes} classes: it is 0 unless there are more than 5`,
    );
  }
  return { evaluateEvery, evaluateTop5 };
}

/** The network of a configuration. */
export function modelOf(
  { model, initFrom, freezeBatchNorm, additionalSkipConnections }: TrainConfig,
  classes: number,
  [imageSize]: readonly [number, number, number],
): Model {
  const frozenBatchNorm = freezeBatchNorm ?? (initFrom !== undefined && freezesBatchNorm(model));
  const options = { classes, imageSize, frozenBatchNorm, additionalSkipConnections };
  return named("model", () => buildModel(model, options));
}

function optimizerOf({ optimizer, momentum }: TrainConfig, learningRate: Schedule): Optimizer {
  return optimizer === "rmsprop"
    ? rmsprop(learningRate, { momentum })
    : sgd(learningRate, { momentum, nesterov: true });
}

/** SAM's gradient, the batch divided as the configuration says. */
export function gradientOf(
  config: TrainConfig,
  model: Model,
  workers?: Workers,
): ClassificationTask["gradient"] {
  const { samRho: rho, m, syncPerturbations, innerGroupSize, microBatchSize } = config;
  const optional = (count: number | "none") => count === "none" ? undefined : count;
  const key = m !== "none" ? "m" : microBatchSize === "none" ? "batchSize" : "microBatchSize";
  return named(key, () =>
    samGradient(model, {
      ...config,
      rho,
      m: optional(m),
      syncPerturbations,
      innerGroupSize: optional(innerGroupSize),
      microBatchSize: optional(microBatchSize),
      workers,
    }));
}

function restoreFrom(path: string): NonNullable<ClassificationTask["restore"]> {
  return (initial: Variables) => {
    try {
      using file = openCheckpoint(path);
      requireKnownFormat(file.path, file.metadata ?? {});
      return restoreVariables(file, initial);
    } catch (error) {
      if (!(error instanceof CheckpointError || error instanceof RangeError)) throw error;
      throw new ConfigError("initFrom", error.message);
    }
  };
}

function scheduleOf(
  { schedule, learningRate, epochs }: TrainConfig,
  stepsPerEpoch: number,
): Schedule {
  switch (schedule) {
    case "constant":
      return schedules.constant(learningRate);
    case "cosine":
      return schedules.cosine(learningRate, epochs * stepsPerEpoch);
    case "exponential":
      return schedules.exponential(learningRate, epochs, stepsPerEpoch);
  }
}
