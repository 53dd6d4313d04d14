import { type dataset, showAs } from "../../tensorflow/mod.ts";
import {
  type Augmentation,
  augmentationOf,
  type BatchAugmentation,
  batchAugmentationOf,
  hasRandomCrops,
  type ImageBatch,
} from "../augment/mod.ts";
import type { LabelNoise } from "../label_noise.ts";
import type {
  ImageClassification,
  ImageFiles,
  ImageRecords,
  ImageSet,
  Labelled,
  Shaped,
} from "../types.ts";
import { checkSource } from "./_check_source.ts";
import { evaluationFromFiles, trainingFromFiles } from "./_files.ts";
import { evaluationFromMemory, trainingFromMemory } from "./_memory.ts";
import type { Changes, Evaluation } from "./_options.ts";
import { evaluationFromRecords, trainingFromRecords } from "./_records.ts";
import { findUndecodable } from "./find_undecodable.ts";

/** Names of classes that the text of a data set tells. */
const SHOWN_CLASSES = 10;

/** Options of {@linkcode ImageSource.training}. */
export interface TrainingBatchOptions {
  readonly batchSize: number;
  /** A function, or the name of one; default none. */
  readonly augmentation?: Augmentation | string | undefined;
  /** A function, or the name of one; default none. */
  readonly batchAugmentation?: BatchAugmentation | string | undefined;
  /**
   * Random crops of images in files, and flips after the augmentation, as for ImageNet; else the crop in
   * the middle. Default as the augmentation's name says, and true for a function.
   */
  readonly randomCrops?: boolean | undefined;
}

/** Options of {@linkcode ImageSource.evaluation}. */
export interface EvaluationBatchOptions {
  readonly batchSize: number;
  /** The examples that are evaluated; default "test". */
  readonly split?: "train" | "test";
}

/** The labels that are trained on where some are wrong, and the true ones, [N] by example. */
export interface NoisyLabels {
  readonly labels: Int32Array;
  readonly trueLabels: Int32Array;
}

/** A data set with the batches that are made of it, wherever its images are. */
export interface ImageSource<Examples extends Shaped = Shaped>
  extends ImageClassification<Examples> {
  /** Shape of an image in a batch. */
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly trainExamples: number;
  readonly testExamples: number;
  /**
   * Shuffled, augmented batches without end of the training examples; an incomplete last batch of an
   * epoch is left out, as in the reference.
   *
   * @throws RangeError for an unknown name of an augmentation
   * @throws Error for an augmentation that cannot be traced, or changes the shape of the images
   */
  training(options: TrainingBatchOptions): dataset.Dataset<ImageBatch>;
  /** Batches of a split in its order, without augmentation and to the last example. */
  evaluation(options: EvaluationBatchOptions): dataset.Dataset<ImageBatch>;
  /** The same source with other training labels; not of sources that do not know theirs. */
  withNoisyLabels?(
    change: <Own extends Labelled>(train: Own, classes: readonly string[]) => Own & LabelNoise,
  ): ImageSource<Examples>;
  readonly noisyLabels?: NoisyLabels;
  /** Finds the file that ended an epoch with an error; undefined if none can be blamed. */
  diagnose?(): Promise<Error | undefined>;
}

/** Examples that {@linkcode imageSource} makes batches of. */
export type Examples = ImageSet | ImageFiles | ImageRecords;

/** Options of {@linkcode imageSource}. */
export interface SourceOptions {
  /**
   * Height and width that images in memory are brought to, after they are augmented and normalised;
   * default as they are. Those in files are decoded to the shape that the examples state.
   */
  readonly imageSize?: number | undefined;
}

/**
 * Makes a source of examples in memory, in image files or in record files.
 *
 * @example Own arrays
 * ```ts
 * import { imageSource } from "../mod.ts";
 *
 * const set = (count: number) => ({
 *   images: new Uint8Array(count * 8 * 8).fill(100),
 *   labels: new Int32Array(count),
 *   shape: [8, 8, 1] as const,
 * });
 * const source = imageSource({
 *   name: "gray",
 *   classes: ["gray", "other"],
 *   train: set(32),
 *   test: set(10),
 *   mean: [0.5],
 *   standardDeviation: [0.25],
 * });
 * const batches = source.training({ batchSize: 16, augmentation: "basic" });
 * for await (const { images, labels } of batches.epoch(0)) {
 *   console.assert(images.shape.join() === "16,8,8,1" && labels.shape.join() === "16,2");
 *   images.dispose();
 *   labels.dispose();
 * }
 * ```
 *
 * @throws RangeError for examples that are none, sizes that do not go together, labels without a class,
 *   and statistics that are not finite, or deviations that are not above 0
 */
export function imageSource<Kind extends Examples>(
  data: ImageClassification<Kind>,
  { imageSize: resizeTo }: SourceOptions = {},
): ImageSource<Kind> {
  checkSource(data);
  const { train, test } = data;
  const source: ImageSource<Kind> = {
    ...data,
    shape: shapeOf(train, resizeTo),
    trainExamples: countOf(train),
    testExamples: countOf(test),
    training(options) {
      return training(data, { ...changesOf(data, options), resizeTo });
    },
    evaluation({ batchSize, split = "test" }) {
      return evaluation({ ...data, test: data[split] }, { batchSize, resizeTo });
    },
    ...isLabelled(train) && {
      withNoisyLabels: (change) => {
        const changed = { ...data, train: change(train, data.classes) };
        return imageSource(changed, { imageSize: resizeTo });
      },
    },
    ...hasNoise(train) && {
      noisyLabels: { labels: train.labels, trueLabels: train.cleanLabels },
    },
    ...inFiles(train) && inFiles(test) && {
      diagnose: () => findUndecodable([...train.paths, ...test.paths]),
    },
  };
  return showAs(source, sourceText);
}

function sourceText(source: ImageSource): string {
  const { name, trainExamples, testExamples, shape, classes } = source;
  const [training, test] = [trainExamples, testExamples].map((count) => count.toLocaleString("en"));
  const first = classes.slice(0, SHOWN_CLASSES).join(", ");
  const more = classes.length > SHOWN_CLASSES ? ", …" : "";
  return `Data set ${name}: ${training} training and ${test} test images [${shape.join(", ")}], ` +
    `${classes.length} classes: ${first}${more}`;
}

function training(data: ImageClassification<Examples>, changes: Changes) {
  const { train } = data;
  if ("images" in train) return trainingFromMemory({ ...data, train } as Of<ImageSet>, changes);
  if ("layout" in train) return trainingFromRecords(data as Of<ImageRecords>, changes);
  return trainingFromFiles(data as Of<ImageFiles>, changes);
}

function evaluation(data: ImageClassification<Examples>, options: Evaluation) {
  const { test } = data;
  if ("images" in test) return evaluationFromMemory(data as Of<ImageSet>, options);
  if ("layout" in test) return evaluationFromRecords(data as Of<ImageRecords>, options);
  return evaluationFromFiles(data as Of<ImageFiles>, options);
}

type Of<Kind extends Examples> = ImageClassification<Kind>;

/** What names of augmentations stand for. */
function changesOf(
  data: ImageClassification<Examples>,
  { augmentation: one, batchAugmentation: many, ...options }: TrainingBatchOptions,
): Changes {
  for (const given of [one, many]) {
    if (given === undefined || typeof given === "string" || typeof given === "function") continue;
    throw new TypeError(`Cannot augment by ${given}: give a function, or the name of one`);
  }
  const randomCrops = typeof one === "string" ? hasRandomCrops(one) : true;
  return {
    randomCrops,
    ...options,
    augmentation: typeof one === "string" ? augmentationOf(one)(data) : one,
    batchAugmentation: typeof many === "string" ? batchAugmentationOf(many) : many,
  };
}

function shapeOf({ shape }: Shaped, size: number | undefined): Shaped["shape"] {
  return size === undefined ? shape : [size, size, shape[2]];
}

function countOf(examples: Examples): number {
  return "count" in examples ? examples.count : examples.labels.length;
}

function isLabelled(examples: Examples): examples is ImageSet | ImageFiles {
  return "labels" in examples;
}

function hasNoise(examples: Examples): examples is Extract<Examples, Labelled> & LabelNoise {
  return "cleanLabels" in examples;
}

function inFiles(examples: Examples): examples is ImageFiles {
  return "allJpeg" in examples;
}
