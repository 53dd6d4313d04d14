import { CheckpointError, openCheckpoint, restoreVariables } from "../checkpoints/mod.ts";
import { buildModel, freezesBatchNorm } from "../models/mod.ts";
import type { Workers } from "../distributed/mod.ts";
import type { Model, Variables } from "../nn/mod.ts";
import { type Optimizer, rmsprop, type Schedule, schedules, sgd } from "../optim/mod.ts";
import { type DataOptions, loadData } from "./_data.ts";
import { named } from "./_named.ts";
import { ConfigError, methodOf, type TrainConfig } from "./config.ts";
import { classificationEvaluator } from "./classification_evaluator.ts";
import { samGradient } from "./gradient.ts";
import type { ClassificationTask } from "./task.ts";

/**
 * Loads the data and puts together what a configuration describes.
 *
 * @throws ConfigError for names and values that do not exist or cannot work together
 */
export async function buildTask(
  config: TrainConfig,
  options: DataOptions = {},
): Promise<ClassificationTask> {
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
    ...gradientClipping > 0 && { gradientClipping },
    ...config.emaDecay > 0 && { averageDecay: config.emaDecay },
    labelSmoothing,
    ...data,
    ...evaluationOf(config, classes),
    evaluator: classificationEvaluator,
    ...savingOf(config),
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

/** Of five classes or fewer, none is outside the five likeliest. */
function evaluationOf(
  { evaluateEvery, evaluateTop5 }: TrainConfig,
  classes: number,
): Pick<ClassificationTask, "evaluateEvery" | "evaluateTop5"> {
  if (!(Number.isInteger(evaluateEvery) && evaluateEvery >= 1)) {
    throw new ConfigError(
      "evaluateEvery",
      `Cannot evaluate every ${evaluateEvery} epochs: it must be a whole number >= 1`,
    );
  }
  if (evaluateTop5 && classes <= 5) {
    throw new ConfigError(
      "evaluateTop5",
      `Cannot evaluate the top-5 error of ${classes} classes: it is 0 unless there are more than 5`,
    );
  }
  return { evaluateEvery, evaluateTop5 };
}

function savingOf(
  { saveProgressSeconds, additionalCheckpointsAtEpochs, epochs }: TrainConfig,
): Pick<ClassificationTask, "saveProgressSeconds" | "additionalCheckpointsAtEpochs"> {
  if (!(saveProgressSeconds >= 0)) {
    throw new ConfigError(
      "saveProgressSeconds",
      `Cannot save every ${saveProgressSeconds} seconds: it must be >= 0`,
    );
  }
  const never = additionalCheckpointsAtEpochs?.find((epoch) =>
    !(Number.isInteger(epoch) && epoch >= 0 && epoch < epochs)
  );
  if (never !== undefined) {
    throw new ConfigError(
      "additionalCheckpointsAtEpochs",
      `Cannot keep a checkpoint after ${never} epochs: it must be a whole number >= 0 and < ` +
        `${epochs}, the epochs of the run, whose last checkpoint is kept in any case`,
    );
  }
  return {
    saveProgressSeconds,
    ...additionalCheckpointsAtEpochs && { additionalCheckpointsAtEpochs },
  };
}

function modelOf(
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
  const optional = (count: number) => count === 0 ? undefined : count;
  const key = m === 0 ? microBatchSize > 0 ? "microBatchSize" : "batchSize" : "m";
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
      return restoreVariables(file, initial);
    } catch (error) {
      throw error instanceof CheckpointError ? new ConfigError("initFrom", error.message) : error;
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
