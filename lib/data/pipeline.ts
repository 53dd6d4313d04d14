import { dataset, type random, tf } from "../tensorflow/mod.ts";
import type { Augmentation, BatchAugmentation, ImageBatch } from "./augment/types.ts";
import type { ImageClassification, ImageSet } from "./types.ts";

/** Options of {@linkcode trainingPipeline}. */
export interface PipelineOptions {
  readonly batchSize: number;
  readonly augmentation?: Augmentation;
  readonly batchAugmentation?: BatchAugmentation;
}

/** Batches that are made ahead of their use. */
const PREFETCH = 4;

/**
 * Shuffled, augmented batches for training; an incomplete last batch is left out, as in the
 * reference.
 *
 * @throws Error if the augmentation cannot be traced, or changes the shape of the images
 */
export function trainingPipeline(
  { train, mean, standardDeviation, classes }: ImageClassification,
  { batchSize, augmentation, batchAugmentation }: PipelineOptions,
): dataset.Dataset<ImageBatch> {
  const batches = arrays(train).shuffle().batch(batchSize, { dropRemainder: true });
  const augmented = augmentation === undefined ? batches : batches.map(augment(augmentation));
  const normalized = augmented.map(normalize(mean, standardDeviation, classes.length));
  const changed = batchAugmentation === undefined ? normalized : normalized.map(batchAugmentation);
  return changed.prefetch(PREFETCH);
}

/** The test set in its order, to the last example. */
export function evaluationPipeline(
  { test, mean, standardDeviation, classes }: ImageClassification,
  { batchSize }: { readonly batchSize: number },
): dataset.Dataset<ImageBatch> {
  return arrays(test)
    .batch(batchSize)
    .map(normalize(mean, standardDeviation, classes.length))
    .prefetch(PREFETCH);
}

function arrays({ images, labels, shape }: ImageSet) {
  return dataset.fromArrays({
    images: { values: images, shape: [labels.length, ...shape] },
    labels: { values: labels, shape: [labels.length] },
  });
}

function augment(augmentation: Augmentation) {
  return function augment(
    { images, labels }: { images: tf.Tensor; labels: tf.Tensor },
    seed: random.Seed,
  ) {
    const augmented = augmentation(images, seed);
    const { shape } = images;
    // A size of -1 is known at run time only.
    const isSame = augmented.rank === shape.length &&
      augmented.shape.every((size, axis) => size === shape[axis] || size === -1);
    if (!isSame) {
      const name = augmentation.name || "this function";
      throw new Error(
        `Cannot augment images of shape [${shape}] by ${name}: it makes them ` +
          `[${augmented.shape}], and must leave their shape as it is`,
      );
    }
    return { images: augmented, labels };
  };
}

/** (pixel / 255 − mean) / standard deviation by channel, and one-hot labels. */
function normalize(mean: readonly number[], deviation: readonly number[], classes: number) {
  return function normalize({ images, labels }: { images: tf.Tensor; labels: tf.Tensor }) {
    return {
      images: images.toFloat().div(255).sub([...mean]).div([...deviation]),
      labels: tf.oneHot(labels as tf.Tensor1D, classes, 1, 0, "float32"),
    };
  };
}
