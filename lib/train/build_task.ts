import { CheckpointError, openCheckpoint, restoreVariables } from "../checkpoints/mod.ts";
import {
  augmentationOf,
  batchAugmentationOf,
  datasets,
  type DownloadProgress,
  evaluationPipeline,
  type ImageClassification,
  type ImageSet,
  loadDataset,
  type NoisyImageSet,
  trainingPipeline,
  withAsymmetricLabelNoise,
  withSymmetricLabelNoise,
} from "../data/mod.ts";
import { buildModel } from "../models/mod.ts";
import type { Variables } from "../nn/mod.ts";
import {
  mSharpness,
  type Optimizer,
  rmsprop,
  sam,
  type Schedule,
  schedules,
  sgd,
  valueAndGrad,
} from "../optim/mod.ts";
import { ConfigError, methodOf, type TrainConfig } from "./config.ts";
import { crossEntropy } from "./loss.ts";
import type { Task } from "./task.ts";

/** Where data come from. */
export interface DataOptions {
  /** Folder of the data sets; default `SAM_DATA_DIR`, else `data/`. */
  readonly dataDir?: string;
  /** Fetch missing files; default true. */
  readonly download?: boolean;
  readonly onDownload?: (progress: DownloadProgress) => void;
  /** Stops downloads, and training; default: the interrupt of the notebook's cell. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads the data and puts together what a configuration describes.
 *
 * @throws ConfigError for names and values that do not exist or cannot work together
 */
export async function buildTask(config: TrainConfig, options: DataOptions = {}): Promise<Task> {
  const { batchSize, epochs, seed, labelSmoothing, gradientClipping } = config;
  const augmentationFor = named("augmentation", () => augmentationOf(config.augmentation));
  const batchAugmentation = named(
    "batchAugmentation",
    () => batchAugmentationOf(config.batchAugmentation),
  );
  const clean = await load(config, options);
  const train = noisy(config, clean);
  const data = { ...clean, train };
  const { classes, test } = data;
  const augmentation = named("augmentation", () => augmentationFor(data));
  const model = named("model", () => buildModel(config.model, { classes: classes.length }));
  const stepsPerEpoch = Math.floor(train.labels.length / batchSize);
  if (stepsPerEpoch === 0) {
    throw new ConfigError(
      "batchSize",
      `Cannot train with batch size ${batchSize}: the training set has ${train.labels.length} ` +
        "examples",
    );
  }
  const loss = crossEntropy(model, config);
  const learningRate = scheduleOf(config, stepsPerEpoch);
  return {
    model,
    gradient: gradientOf(config, loss),
    optimizer: optimizerOf(config, learningRate),
    learningRate,
    ...gradientClipping > 0 && { gradientClipping },
    ...config.emaDecay > 0 && { averageDecay: config.emaDecay },
    labelSmoothing,
    training: trainingPipeline(data, { batchSize, augmentation, batchAugmentation }),
    evaluation: evaluationPipeline(data, { batchSize }),
    trainExamples: train.labels.length,
    testExamples: test.labels.length,
    inputShape: [batchSize, ...train.shape],
    epochs,
    seed,
    ..."cleanLabels" in train && {
      noisyLabels: { labels: train.labels, trueLabels: train.cleanLabels },
    },
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

function optimizerOf({ optimizer, momentum }: TrainConfig, learningRate: Schedule): Optimizer {
  return optimizer === "rmsprop"
    ? rmsprop(learningRate, { momentum })
    : sgd(learningRate, { momentum, nesterov: true });
}

function gradientOf(
  { samRho, m, batchSize }: TrainConfig,
  loss: ReturnType<typeof crossEntropy>,
): Task["gradient"] {
  const gradient = sam(valueAndGrad(loss), { rho: samRho });
  if (m === 0 || m === batchSize) return gradient;
  if (batchSize % m !== 0) {
    throw new ConfigError(
      "m",
      `Cannot split a batch of ${batchSize} examples into groups of m = ${m}: m must divide the ` +
        "batch size",
    );
  }
  return mSharpness(gradient, { m });
}

async function load(
  { dataset, evaluateOn, trainCount, testCount }: TrainConfig,
  { dataDir, download, onDownload, signal }: DataOptions,
): Promise<ImageClassification> {
  const options = {
    ...dataDir !== undefined && { dataDir },
    ...download !== undefined && { download },
    ...onDownload && { onProgress: onDownload },
    ...signal && { signal },
    validation: evaluateOn === "validation",
  };
  const train = trainCount !== undefined && { trainCount };
  const test = testCount !== undefined && { testCount };
  try {
    return await loadDataset(dataset, { ...options, ...train, ...test });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    if (!Object.hasOwn(datasets, dataset)) throw new ConfigError("dataset", error.message);
    if (!train && !test) throw error;
    // The set does not tell which of the counts it refuses.
    const isTrain = train && await loadDataset(dataset, { ...options, ...train })
      .then(() => false, () => true);
    throw new ConfigError(isTrain ? "trainCount" : "testCount", error.message);
  }
}

/** The training set with the wrong labels that the configuration wants. */
function noisy(
  { labelNoise: rate, labelNoiseKind: kind, seed: signed }: TrainConfig,
  { train, classes }: ImageClassification,
): ImageSet | NoisyImageSet {
  if (rate === 0) return train;
  const seed = signed >>> 0; // it takes seeds from 0
  return kind === "symmetric"
    ? withSymmetricLabelNoise(train, { rate, classes: classes.length, seed })
    : named("labelNoiseKind", () => withAsymmetricLabelNoise(train, { rate, classes, seed }));
}

/** What an entry of the configuration names. */
function named<T>(key: keyof TrainConfig, find: () => T): T {
  try {
    return find();
  } catch (error) {
    throw error instanceof RangeError ? new ConfigError(key, error.message) : error;
  }
}

function restoreFrom(path: string): NonNullable<Task["restore"]> {
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
