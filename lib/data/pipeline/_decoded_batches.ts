/** What images that are decoded one by one have in common, those of files and those of records. @module */
import { dataset, random, tf } from "../../tensorflow/mod.ts";
import { type ImageBatch, randomFlip } from "../augment/mod.ts";
import type { ImageClassification } from "../types.ts";
import { augment, augmentBatch, normalize, PREFETCH } from "./_batches.ts";
import { decodeCenterCrop, type DecodeOptions, decodeRandomCrop } from "./_decode.ts";
import type { Changes } from "./_options.ts";

type Decoded = { readonly images: tf.Tensor; readonly labels: tf.Tensor };
type Normalisation = Pick<ImageClassification, "mean" | "standardDeviation" | "classes">;

/** A training image. Where no augmentation is to come before the flip, it is flipped here. */
export function decoder(
  { randomCrops = true, augmentation }: Changes,
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

export function trainingBatches(
  decoded: dataset.Dataset<Decoded>,
  { mean, standardDeviation, classes }: Normalisation,
  options: Changes,
): dataset.Dataset<ImageBatch> {
  const { batchSize, batchAugmentation } = options;
  const batches = augmented(decoded.batch(batchSize, { dropRemainder: true }), options);
  const normalized = batches.map(normalize(mean, standardDeviation, classes.length));
  const changed = batchAugmentation === undefined
    ? normalized
    : normalized.map(augmentBatch(batchAugmentation));
  return changed.prefetch(PREFETCH);
}

/** Crops by the augmentation, and flipped after it as in the reference. */
function augmented(
  batches: dataset.Dataset<Decoded>,
  { augmentation, randomCrops = true }: Changes,
): dataset.Dataset<Decoded> {
  if (augmentation === undefined) return batches;
  const changed = batches.map(toBytes).map(augment(augmentation));
  return randomCrops ? changed.map(augment(randomFlip)) : changed;
}

export function evaluationBatches(
  decoded: dataset.Dataset<Decoded>,
  { mean, standardDeviation, classes }: Normalisation,
  batchSize: number,
): dataset.Dataset<ImageBatch> {
  return decoded.batch(batchSize)
    .map(normalize(mean, standardDeviation, classes.length))
    .prefetch(PREFETCH);
}

/**
 * Augmentations work on bytes. Where a bicubic overshoots, the reference's cast to uint8 is undefined:
 * today's TensorFlow clips there, but for the last few values of a tensor.
 */
function toBytes({ images, labels }: Decoded) {
  return { images: tf.clipByValue(images, 0, 255).toInt(), labels };
}
