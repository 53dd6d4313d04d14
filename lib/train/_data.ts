/** The data that a configuration describes, from the files to batches. @module */
import {
  augmentationOf,
  batchAugmentationOf,
  datasetOf,
  type DownloadProgress,
  hasRandomCrops,
  type ImageSource,
  type LoadOptions,
  OptionError,
  withAsymmetricLabelNoise,
  withSymmetricLabelNoise,
} from "../data/mod.ts";
import type { Workers } from "../distributed/mod.ts";
import { withImageSize } from "./_image_size.ts";
import { named } from "./_named.ts";
import { ConfigError } from "./config.ts";
import type { TrainConfig } from "./train_config.ts";
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
  & Pick<ClassificationTask, "training" | "evaluation" | "validation" | "trainEvaluation">
  & Pick<ClassificationTask, "trainExamples" | "testExamples" | "validationExamples">
  & Pick<ClassificationTask, "evaluationBatchSize">
  & Pick<ClassificationTask, "noisyLabels" | "warnings" | "diagnose">
  & {
    readonly classes: number;
    /** Of an image. */
    readonly shape: readonly [number, number, number];
  };

/**
 * Loads the data and makes their batches.
 *
 * @throws ConfigError for names and values that do not exist or cannot work together
 */
export async function loadData(given: TrainConfig, options: DataOptions): Promise<TaskData> {
  const { sized: config, warnings } = withImageSize(given);
  const { augmentation: name, batchSize, evaluateTrainingSet } = config;
  const augmentationFor = augmentationOf(name);
  const batchAugmentation = batchAugmentationOf(config.batchAugmentation, config);
  const corrupt = new Set<string>(); // files that two sources have are told once
  const onCorrupt = (path: string) => corrupt.add(`Left out ${path}: it cannot be decoded`);
  const source = noisy(config, await loadSource(config, options, onCorrupt));
  const evaluated = config.evaluateOn === "both"
    ? await loadSource({ ...config, evaluateOn: "test" }, options, onCorrupt)
    : source;
  const augmentation = named("augmentation", () => augmentationFor(source));
  const { trainExamples, shape, classes, noisyLabels, diagnose } = source;
  requireBatch(batchSize, trainExamples);
  const share = shareOf(batchSize, options.workers);
  const size = share?.size ?? batchSize;
  const training = source.training({
    batchSize: size,
    augmentation,
    batchAugmentation,
    randomCrops: hasRandomCrops(name),
  });
  return {
    classes: classes.length,
    shape,
    trainExamples,
    testExamples: evaluated.testExamples,
    training: share === undefined ? training : training.share(share),
    evaluation: evaluated.evaluation({ batchSize: size }),
    ...evaluated !== source && {
      validation: source.evaluation({ batchSize: size }),
      validationExamples: source.testExamples,
    },
    ...evaluateTrainingSet && {
      trainEvaluation: source.evaluation({ batchSize: size, split: "train" }),
    },
    evaluationBatchSize: size,
    ...noisyLabels && { noisyLabels },
    ...diagnose && { diagnose },
    warnings: [...warnings, ...corrupt],
  };
}

/** A worker's share of each batch: what it reads, decodes and augments. */
function shareOf(batchSize: number, workers: Workers | undefined) {
  if (workers === undefined) return undefined;
  const { size: count, rank: index } = workers;
  const size = batchSize / count;
  if (Number.isInteger(size)) return { count, index, size, dropRemainder: true };
  throw new ConfigError(
    "batchSize",
    `Cannot share a batch of ${batchSize} examples among ${count} workers: their number must divide it`,
  );
}

/** The entries that options of data sets come from. */
const ENTRIES: ReadonlyMap<string, keyof TrainConfig> = new Map([
  ["trainCount", "trainCount"],
  ["testCount", "testCount"],
  ["imageSize", "imageSize"],
  ["validation", "evaluateOn"],
]);

/**
 * The data set of a configuration, without what is trained on it.
 *
 * @throws ConfigError for what a data set refuses, with the entry that is to blame
 */
export async function loadSource(
  { dataset, evaluateOn, trainCount, testCount, imageSize, corruptImages }: TrainConfig,
  { dataDir, download, onDownload, signal }: DataOptions,
  onCorrupt: (path: string) => void = () => {},
): Promise<ImageSource> {
  const loader = datasetOf(dataset);
  const options: LoadOptions = {
    ...dataDir !== undefined && { dataDir },
    ...download !== undefined && { download },
    ...onDownload && { onProgress: onDownload },
    ...signal && { signal },
    ...trainCount !== undefined && { trainCount },
    ...testCount !== undefined && { testCount },
    ...imageSize !== undefined && { imageSize },
    validation: evaluateOn !== "test",
    corruptImages,
    onCorrupt,
  };
  try {
    return await loader(options);
  } catch (error) {
    const entry = error instanceof OptionError ? ENTRIES.get(error.option) : undefined;
    throw entry === undefined ? error : new ConfigError(entry, (error as Error).message);
  }
}

/** The source with the wrong labels that the configuration wants. */
function noisy(
  { dataset, labelNoise: rate, labelNoiseKind: kind, seed: signed }: TrainConfig,
  source: ImageSource,
): ImageSource {
  if (rate === 0) return source;
  if (source.withNoisyLabels === undefined) {
    throw new ConfigError(
      "labelNoise",
      `Cannot train on ${dataset} with wrong labels: its labels are not known before its examples are ` +
        "read",
    );
  }
  const seed = signed >>> 0; // it takes seeds from 0
  return source.withNoisyLabels((train, classes) =>
    kind === "symmetric"
      ? withSymmetricLabelNoise(train, { rate, classes: classes.length, seed })
      : named("labelNoiseKind", () => withAsymmetricLabelNoise(train, { rate, classes, seed }))
  );
}

function requireBatch(batchSize: number, trainExamples: number): void {
  if (trainExamples >= batchSize) return;
  throw new ConfigError(
    "batchSize",
    `Cannot train with batch size ${batchSize}: the training set has ${trainExamples} examples`,
  );
}
