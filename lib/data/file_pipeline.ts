import { dataset, type random, tf } from "../tensorflow/mod.ts";
import { augment, normalize, PREFETCH } from "./_batches.ts";
import { decodeCenterCrop, decodeRandomCrop } from "./_decode.ts";
import type { ImageBatch } from "./augment/types.ts";
import type { PipelineOptions } from "./pipeline.ts";
import type { ImageClassification, ImageFiles } from "./types.ts";

/** Options of {@linkcode trainingFilePipeline}. */
export interface FilePipelineOptions extends Omit<PipelineOptions, "resizeTo"> {
  /** Random crops and flips of the images in the files, as for ImageNet; default true. */
  readonly randomCrops?: boolean;
}

/**
 * Shuffled batches of images that are decoded on TensorFlow's threads; an incomplete last batch is left
 * out.
 *
 * @throws Error if the augmentation cannot be traced, or changes the shape of the images
 */
export function trainingFilePipeline(
  { train, mean, standardDeviation, classes }: ImageClassification<ImageFiles>,
  { batchSize, augmentation, batchAugmentation, randomCrops = true }: FilePipelineOptions,
): dataset.Dataset<ImageBatch> {
  const { allJpeg, shape: [size] } = train;
  const decoded = files(train).shuffle().map(
    function decode({ path, labels }, seed: random.Seed) {
      const images = randomCrops
        ? decodeRandomCrop(path, seed, { size, allJpeg })
        : decodeCenterCrop(path, { size, allJpeg });
      return { images, labels };
    },
  );
  const batches = decoded.batch(batchSize, { dropRemainder: true });
  const augmented = augmentation === undefined
    ? batches
    : batches.map(toBytes).map(augment(augmentation));
  const normalized = augmented.map(normalize(mean, standardDeviation, classes.length));
  const changed = batchAugmentation === undefined ? normalized : normalized.map(batchAugmentation);
  return changed.prefetch(PREFETCH);
}

/** The test set in its order, to the last example: the crop in the middle of each image. */
export function evaluationFilePipeline(
  { test, mean, standardDeviation, classes }: ImageClassification<ImageFiles>,
  { batchSize }: { readonly batchSize: number },
): dataset.Dataset<ImageBatch> {
  const { allJpeg, shape: [size] } = test;
  return files(test)
    .map(function decode({ path, labels }) {
      return { images: decodeCenterCrop(path, { size, allJpeg }), labels };
    })
    .batch(batchSize)
    .map(normalize(mean, standardDeviation, classes.length))
    .prefetch(PREFETCH);
}

function files({ paths, labels }: ImageFiles) {
  return dataset.fromArrays({
    path: { values: paths, shape: [paths.length] },
    labels: { values: labels, shape: [labels.length] },
  });
}

/** Augmentations work on bytes; a bicubic overshoots. */
function toBytes({ images, labels }: { images: tf.Tensor; labels: tf.Tensor }) {
  return { images: tf.clipByValue(images, 0, 255).toInt(), labels };
}
