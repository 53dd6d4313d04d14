import { dataset } from "../../tensorflow/mod.ts";
import { type ImageBatch, resizeBicubic } from "../augment/mod.ts";
import type { ImageClassification, ImageSet } from "../types.ts";
import { augment, augmentBatch, normalize, PREFETCH } from "./_batches.ts";
import type { Changes, Evaluation } from "./_options.ts";

/**
 * Shuffled, augmented batches for training; an incomplete last batch is left out, as in the
 * reference.
 *
 * @throws Error if the augmentation cannot be traced, or changes the shape of the images
 */
export function trainingFromMemory(
  { train, mean, standardDeviation, classes }: ImageClassification,
  { batchSize, augmentation, batchAugmentation, resizeTo }: Changes,
): dataset.Dataset<ImageBatch> {
  const batches = arrays(train).shuffle().batch(batchSize, { dropRemainder: true });
  const augmented = augmentation === undefined ? batches : batches.map(augment(augmentation));
  const normalized = augmented.map(normalize(mean, standardDeviation, classes.length));
  const changed = batchAugmentation === undefined
    ? normalized
    : normalized.map(augmentBatch(batchAugmentation));
  const sized = resizeTo === undefined ? changed : changed.map(resize(resizeTo));
  return sized.prefetch(PREFETCH);
}

/** The test set in its order, to the last example. */
export function evaluationFromMemory(
  { test, mean, standardDeviation, classes }: ImageClassification,
  { batchSize, resizeTo }: Evaluation,
): dataset.Dataset<ImageBatch> {
  const normalized = arrays(test)
    .batch(batchSize)
    .map(normalize(mean, standardDeviation, classes.length));
  const sized = resizeTo === undefined ? normalized : normalized.map(resize(resizeTo));
  return sized.prefetch(PREFETCH);
}

function resize(size: number) {
  return ({ images, labels }: ImageBatch) => ({ images: resizeBicubic(images, size), labels });
}

function arrays({ images, labels, shape }: ImageSet) {
  return dataset.fromArrays({
    images: { values: images, shape: [labels.length, ...shape] },
    labels: { values: labels, shape: [labels.length] },
  });
}
