/** What all pipelines do to batches. @module */
import { type random, tf } from "../../tensorflow/mod.ts";
import type { Augmentation, BatchAugmentation, ImageBatch } from "../augment/mod.ts";

/** Batches that are made ahead of their use. */
export const PREFETCH = 4;

/** Images of any type in 0..255, and labels int32 [batch]. */
type RawBatch = { readonly images: tf.Tensor; readonly labels: tf.Tensor };

/** An augmentation as a stage of a pipeline. @throws Error if it changes the shape of the images */
export function augment(augmentation: Augmentation) {
  return function augment({ images, labels }: RawBatch, seed: random.Seed) {
    const augmented = augmentation(images, seed);
    if (!(augmented instanceof tf.Tensor)) throw given(augmentation, augmented, "a tensor");
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

/** An augmentation of batches as a stage. @throws TypeError if it gives no images and labels */
export function augmentBatch(augmentation: BatchAugmentation) {
  return function augmentBatch(batch: ImageBatch, seed: random.Seed): ImageBatch {
    const { images, labels } = augmentation(batch, seed) ?? {};
    if (images instanceof tf.Tensor && labels instanceof tf.Tensor) return { images, labels };
    const found = images instanceof tf.Tensor ? "no labels" : "no images";
    throw given(augmentation, found, "{ images, labels }");
  };
}

function given({ name }: Augmentation | BatchAugmentation, found: unknown, expected: string) {
  return new TypeError(
    `Cannot augment by ${name || "this function"}: it gives ${found}, and must give ${expected}`,
  );
}

/** (pixel / 255 − mean) / standard deviation by channel, and one-hot labels. */
export function normalize(mean: readonly number[], deviation: readonly number[], classes: number) {
  const scale = deviation.map((deviation) => 1 / (255 * deviation));
  const offset = mean.map((mean, channel) => -mean / deviation[channel]!);
  return function normalize({ images, labels }: RawBatch): ImageBatch {
    const [, height, width, channels] = images.shape as [number, number, number, number];
    // By whole rows: to spread three numbers over the channels of each pixel takes longer than to
    // multiply.
    const row = (values: readonly number[]) => tf.tile(tf.tensor1d([...values]), [width]);
    const rows = images.toFloat().reshape([-1, width * channels]);
    return {
      images: rows.mul(row(scale)).add(row(offset)).reshape([-1, height, width, channels]),
      labels: tf.oneHot(labels as tf.Tensor1D, classes, 1, 0, "float32"),
    };
  };
}
