/** The data that a configuration describes, from the files to batches. @module */
import {
  augmentationOf,
  type BatchAugmentation,
  batchAugmentationOf,
  datasets,
  type DownloadProgress,
  evaluationFilePipeline,
  evaluationPipeline,
  evaluationRecordPipeline,
  findUndecodable,
  hasRandomCrops,
  type ImageClassification,
  isImageFiles,
  isImageRecords,
  type Labelled,
  type LabelNoise,
  loadDataset,
  loadImageFiles,
  loadImageRecords,
  type LoadOptions,
  trainingFilePipeline,
  trainingPipeline,
  trainingRecordPipeline,
  withAsymmetricLabelNoise,
  withSymmetricLabelNoise,
} from "../data/mod.ts";
import type { Workers } from "../distributed/mod.ts";
import { withImageSize } from "./_image_size.ts";
import { named } from "./_named.ts";
import { ConfigError, type TrainConfig } from "./config.ts";
import type { ClassificationTask } from "./task.ts";

/** Where data come from, and who shares them. */
export interface DataOptions {
  /** Folder of the data sets; default `SAM_DATA_DIR`, else `data/`. */
  readonly dataDir?: string;
  /** Fetch missing files; default true. */
  readonly download?: boolean;
  readonly onDownload?: (progress: DownloadProgress) => void;
  /** Stops downloads, and training; default: the interrupt of the notebook's cell. */
  readonly signal?: AbortSignal | undefined;
  /** Those that train together; each gets its share of a batch. Default: this process alone. */
  readonly workers?: Workers | undefined;
}

/** What a task has of its data. */
type TaskData =
  & Pick<ClassificationTask, "training" | "evaluation" | "trainEvaluation">
  & Pick<ClassificationTask, "trainExamples" | "testExamples">
  & Pick<ClassificationTask, "noisyLabels" | "warnings" | "diagnose">
  & {
    readonly classes: number;
    /** Of an image. */
    readonly shape: readonly [number, number, number];
  };

/**
 * Loads the data and makes their pipelines.
 *
 * @throws ConfigError for names and values that do not exist or cannot work together
 */
export async function loadData(config: TrainConfig, options: DataOptions): Promise<TaskData> {
  const { sized, warnings } = withImageSize(config);
  const data = await sharedData(sized, options);
  return { ...data, warnings: [...warnings, ...data.warnings ?? []] };
}

/** Of a batch each worker reads, decodes and augments its share alone. */
async function sharedData(config: TrainConfig, options: DataOptions): Promise<TaskData> {
  const { workers } = options;
  if (workers === undefined) return await sizedData(config, options);
  const { size: count, rank: index } = workers;
  const { batchSize } = config;
  const size = batchSize / count;
  if (!Number.isInteger(size)) {
    throw new ConfigError(
      "batchSize",
      `Cannot share a batch of ${batchSize} examples among ${count} workers: their number must divide it`,
    );
  }
  const data = await sizedData({ ...config, batchSize: size }, options);
  requireBatch(batchSize, data.trainExamples);
  const share = { count, index, size, dropRemainder: true };
  return { ...data, training: data.training.share(share) };
}

async function sizedData(config: TrainConfig, options: DataOptions): Promise<TaskData> {
  const augmentations = {
    augmentationFor: named("augmentation", () => augmentationOf(config.augmentation)),
    batchAugmentation: batchAugmentationFor(config),
  };
  if (isImageRecords(config.dataset)) return await recordData(config, options, augmentations);
  if (isImageFiles(config.dataset)) return await fileData(config, options, augmentations);
  return await memoryData(config, options, augmentations);
}

/** Names in turn which entry of the configuration is to blame. */
function batchAugmentationFor(
  { batchAugmentation: name, cutoutLength, mixupAlpha }: TrainConfig,
): BatchAugmentation | undefined {
  const length = cutoutLength !== undefined && { cutoutLength };
  const alpha = mixupAlpha !== undefined && { mixupAlpha };
  named("batchAugmentation", () => batchAugmentationOf(name));
  named("cutoutLength", () => batchAugmentationOf(name, { ...length }));
  return named("mixupAlpha", () => batchAugmentationOf(name, { ...length, ...alpha }));
}

/** What the configuration's names stand for. */
interface Augmentations {
  readonly augmentationFor: ReturnType<typeof augmentationOf>;
  readonly batchAugmentation: BatchAugmentation | undefined;
}

async function memoryData(
  config: TrainConfig,
  options: DataOptions,
  { augmentationFor, batchAugmentation }: Augmentations,
): Promise<TaskData> {
  const { dataset, batchSize, imageSize: resizeTo } = config;
  const clean = await load(config, options, (given) => loadDataset(dataset, given));
  const data = { ...clean, train: noisy(config, clean) };
  const augmentation = named("augmentation", () => augmentationFor(data));
  const pipeline = { batchSize, augmentation, batchAugmentation, resizeTo };
  const common = described(config, data);
  return {
    ...common,
    ...resizeTo !== undefined && { shape: [resizeTo, resizeTo, common.shape[2]] },
    training: trainingPipeline(data, pipeline),
    evaluation: evaluationPipeline(data, pipeline),
    ...config.evaluateTrainingSet && {
      trainEvaluation: evaluationPipeline({ ...data, test: data.train }, pipeline),
    },
  };
}

async function fileData(
  config: TrainConfig,
  options: DataOptions,
  { augmentationFor, batchAugmentation }: Augmentations,
): Promise<TaskData> {
  const { dataset, batchSize, imageSize, corruptImages } = config;
  const warnings: string[] = [];
  const clean = await load(config, options, (given) =>
    loadImageFiles(dataset, {
      ...given,
      ...imageSize !== undefined && { imageSize },
      corruptImages,
      onCorrupt: (path) => warnings.push(`Left out ${path}: it cannot be decoded`),
    }));
  const data = { ...clean, train: noisy(config, clean) };
  const augmentation = named("augmentation", () => augmentationFor(data));
  const randomCrops = hasRandomCrops(config.augmentation);
  return {
    ...described(config, data),
    training: trainingFilePipeline(data, {
      batchSize,
      augmentation,
      batchAugmentation,
      randomCrops,
    }),
    evaluation: evaluationFilePipeline(data, { batchSize }),
    ...config.evaluateTrainingSet && {
      trainEvaluation: evaluationFilePipeline({ ...data, test: data.train }, { batchSize }),
    },
    warnings,
    diagnose: () => findUndecodable([...data.train.paths, ...data.test.paths]),
  };
}

async function recordData(
  config: TrainConfig,
  options: DataOptions,
  { augmentationFor, batchAugmentation }: Augmentations,
): Promise<TaskData> {
  const { dataset, batchSize, imageSize, labelNoise, evaluateOn } = config;
  if (labelNoise > 0 || evaluateOn === "validation") {
    throw new ConfigError(
      labelNoise > 0 ? "labelNoise" : "evaluateOn",
      `Cannot train on ${dataset} so: the examples of record files are not known before they are ` +
        "read, hence neither wrong labels nor a validation split",
    );
  }
  const size = imageSize === undefined ? {} : { imageSize };
  const set = await load(
    config,
    options,
    (given) => loadImageRecords(dataset, { ...given, ...size }),
  );
  // Like files, records are cropped and flipped as they are decoded.
  const { paths, shape, count } = set.train;
  const augmentation = named(
    "augmentation",
    () => augmentationFor({ name: set.name, train: { shape, paths } }),
  );
  requireBatch(batchSize, count);
  const randomCrops = hasRandomCrops(config.augmentation);
  return {
    classes: set.classes.length,
    shape,
    trainExamples: count,
    testExamples: set.test.count,
    training: trainingRecordPipeline(set, {
      batchSize,
      augmentation,
      batchAugmentation,
      randomCrops,
    }),
    evaluation: evaluationRecordPipeline(set, { batchSize }),
    ...config.evaluateTrainingSet && {
      trainEvaluation: evaluationRecordPipeline({ ...set, test: set.train }, { batchSize }),
    },
  };
}

function described<Examples extends Labelled>(
  { batchSize }: TrainConfig,
  { classes, train, test }: ImageClassification<Examples | Examples & LabelNoise>,
) {
  const trainExamples = train.labels.length;
  requireBatch(batchSize, trainExamples);
  return {
    classes: classes.length,
    shape: train.shape,
    trainExamples,
    testExamples: test.labels.length,
    ..."cleanLabels" in train && {
      noisyLabels: { labels: train.labels, trueLabels: train.cleanLabels },
    },
  };
}

function requireBatch(batchSize: number, trainExamples: number): void {
  if (trainExamples >= batchSize) return;
  throw new ConfigError(
    "batchSize",
    `Cannot train with batch size ${batchSize}: the training set has ${trainExamples} examples`,
  );
}

/** Calls a loader, and finds out which entry of the configuration is to blame for what it refuses. */
async function load<Set>(
  { dataset, evaluateOn, trainCount, testCount }: TrainConfig,
  { dataDir, download, onDownload, signal }: DataOptions,
  loader: (options: LoadOptions) => Promise<Set>,
): Promise<Set> {
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
    return await loader({ ...options, ...train, ...test });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    if (!Object.hasOwn(datasets, dataset) && !isImageFiles(dataset) && !isImageRecords(dataset)) {
      throw new ConfigError("dataset", error.message);
    }
    if (!train && !test) throw error;
    // The set does not tell which of the counts it refuses.
    const isTrain = train && await loader({ ...options, ...train })
      .then(() => false, () => true);
    throw new ConfigError(isTrain ? "trainCount" : "testCount", error.message);
  }
}

/** The training set with the wrong labels that the configuration wants. */
function noisy<Examples extends Labelled>(
  { labelNoise: rate, labelNoiseKind: kind, seed: signed }: TrainConfig,
  { train, classes }: ImageClassification<Examples>,
): Examples | Examples & LabelNoise {
  if (rate === 0) return train;
  const seed = signed >>> 0; // it takes seeds from 0
  return kind === "symmetric"
    ? withSymmetricLabelNoise(train, { rate, classes: classes.length, seed })
    : named("labelNoiseKind", () => withAsymmetricLabelNoise(train, { rate, classes, seed }));
}
