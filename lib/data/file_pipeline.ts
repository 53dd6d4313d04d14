import { dataset, random, tf } from "../tensorflow/mod.ts";
import { augment, normalize, PREFETCH } from "./_batches.ts";
import { decodeCenterCrop, type DecodeOptions, decodeRandomCrop, readFile } from "./_decode.ts";
import { parseExample } from "./_example.ts";
import { randomFlip } from "./augment/random_flip.ts";
import type { ImageBatch } from "./augment/types.ts";
import type { ImageRecords } from "./image_records.ts";
import type { PipelineOptions } from "./pipeline.ts";
import type { ImageClassification, ImageFiles } from "./types.ts";

/** Options of {@linkcode trainingFilePipeline}. */
export interface FilePipelineOptions extends Omit<PipelineOptions, "resizeTo"> {
  /**
   * Random crops of the images in the files, and flips after the augmentation, as for ImageNet; default
   * true, else the crop in the middle.
   */
  readonly randomCrops?: boolean;
}

/**
 * Shuffled batches of images that are decoded on TensorFlow's threads; an incomplete last batch is left
 * out.
 *
 * @throws Error if the augmentation cannot be traced, or changes the shape of the images
 */
export function trainingFilePipeline(
  set: ImageClassification<ImageFiles>,
  options: FilePipelineOptions,
): dataset.Dataset<ImageBatch> {
  const { train: { allJpeg, shape: [size] } } = set;
  const decode = decoder(options, { size, allJpeg });
  const decoded = files(set.train).shuffle().map(
    function read({ path, labels }, seed: random.Seed) {
      return { images: decode(readFile(path), seed), labels };
    },
  );
  return trainingBatches(decoded, set, options);
}

/** The test set in its order, to the last example: the crop in the middle of each image. */
export function evaluationFilePipeline(
  set: ImageClassification<ImageFiles>,
  { batchSize }: { readonly batchSize: number },
): dataset.Dataset<ImageBatch> {
  const { test: { allJpeg, shape: [size] } } = set;
  const decoded = files(set.test).map(function read({ path, labels }) {
    return { images: decodeCenterCrop(readFile(path), { size, allJpeg }), labels };
  });
  return evaluationBatches(decoded, set, batchSize);
}

/** Records among which the next one is drawn, beside the order of the files. */
const SHUFFLED_RECORDS = 4096;

/**
 * The same of record files: these in random order, and their records within a buffer of 4,096.
 *
 * @throws Error if the augmentation cannot be traced, or changes the shape of the images
 */
export function trainingRecordPipeline(
  set: ImageClassification<ImageRecords>,
  options: FilePipelineOptions,
): dataset.Dataset<ImageBatch> {
  const { train: { paths, available, count, layout, shape: [size] }, classes } = set;
  const decode = decoder(options, { size, allJpeg: false });
  // The first records are the same ones in each epoch only in the files' order.
  const shuffleFiles = count === available;
  const records = dataset.fromRecordFiles(paths, available, { shuffleFiles }).take(count);
  const decoded = records.shuffle(Math.min(count, SHUFFLED_RECORDS)).map(
    function read(record, seed: random.Seed) {
      const { image, label } = parseExample(record, layout, classes.length);
      return { images: decode(image, seed), labels: label };
    },
  );
  return trainingBatches(decoded, set, options);
}

/** The test set of record files in its order. */
export function evaluationRecordPipeline(
  set: ImageClassification<ImageRecords>,
  { batchSize }: { readonly batchSize: number },
): dataset.Dataset<ImageBatch> {
  const { test: { paths, available, count, layout, shape: [size] }, classes } = set;
  const records = dataset.fromRecordFiles(paths, available).take(count);
  const decoded = records.map(function read(record) {
    const { image, label } = parseExample(record, layout, classes.length);
    return { images: decodeCenterCrop(image, { size, allJpeg: false }), labels: label };
  });
  return evaluationBatches(decoded, set, batchSize);
}

type Decoded = { readonly images: tf.Tensor; readonly labels: tf.Tensor };
type Normalisation = Pick<ImageClassification, "mean" | "standardDeviation" | "classes">;

/** A training image. Where no augmentation is to come before the flip, it is flipped here. */
function decoder(
  { randomCrops = true, augmentation }: FilePipelineOptions,
  options: DecodeOptions,
) {
  if (!randomCrops) return (bytes: tf.Tensor) => decodeCenterCrop(bytes, options);
  return (bytes: tf.Tensor, seed: random.Seed) => {
    const [cropSeed, flipSeed] = random.split(seed).unstack() as [random.Seed, random.Seed];
    const image = decodeRandomCrop(bytes, cropSeed, options);
    if (augmentation !== undefined) return image;
    // Here it is in the processor's cache, in a batch no more.
    return randomFlip(image.expandDims(), flipSeed).squeeze([0]);
  };
}

function trainingBatches(
  decoded: dataset.Dataset<Decoded>,
  { mean, standardDeviation, classes }: Normalisation,
  options: FilePipelineOptions,
): dataset.Dataset<ImageBatch> {
  const { batchSize, batchAugmentation } = options;
  const batches = augmented(decoded.batch(batchSize, { dropRemainder: true }), options);
  const normalized = batches.map(normalize(mean, standardDeviation, classes.length));
  const changed = batchAugmentation === undefined ? normalized : normalized.map(batchAugmentation);
  return changed.prefetch(PREFETCH);
}

/** Crops by the augmentation, and flipped after it as in the reference. */
function augmented(
  batches: dataset.Dataset<Decoded>,
  { augmentation, randomCrops = true }: FilePipelineOptions,
): dataset.Dataset<Decoded> {
  if (augmentation === undefined) return batches;
  const changed = batches.map(toBytes).map(augment(augmentation));
  return randomCrops ? changed.map(augment(randomFlip)) : changed;
}

function evaluationBatches(
  decoded: dataset.Dataset<Decoded>,
  { mean, standardDeviation, classes }: Normalisation,
  batchSize: number,
): dataset.Dataset<ImageBatch> {
  return decoded.batch(batchSize)
    .map(normalize(mean, standardDeviation, classes.length))
    .prefetch(PREFETCH);
}

function files({ paths, labels }: ImageFiles) {
  return dataset.fromArrays({
    path: { values: paths, shape: [paths.length] },
    labels: { values: labels, shape: [labels.length] },
  });
}

/**
 * Augmentations work on bytes. Where a bicubic overshoots, the reference's cast to uint8 is undefined:
 * today's TensorFlow clips there, but for the last few values of a tensor.
 */
function toBytes({ images, labels }: Decoded) {
  return { images: tf.clipByValue(images, 0, 255).toInt(), labels };
}
