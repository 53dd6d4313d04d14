import type { random, tf } from "../../tensorflow/mod.ts";

/**
 * A change of images [batch, height, width, channels], int32 in 0..255, by a seed, to the same
 * shape. It works on whole batches: one operation on many images costs little more than on one.
 */
export type Augmentation = (images: tf.Tensor, seed: random.Seed) => tf.Tensor;

/** A batch of images and labels: records of this kind go into training and evaluation. */
export type ImageBatch = {
  /** float32 [batch, height, width, channels], normalised. */
  readonly images: tf.Tensor;
  /** float32 [batch, classes], one-hot. */
  readonly labels: tf.Tensor;
};

/** A change of a batch of normalised images together with its labels, by a seed. */
export type BatchAugmentation = (batch: ImageBatch, seed: random.Seed) => ImageBatch;
