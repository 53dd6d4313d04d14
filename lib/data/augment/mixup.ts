import { random, tf } from "../../tensorflow/mod.ts";
import type { ImageBatch } from "../pipeline.ts";

/**
 * The reference's mixup of a batch: every example with the one at its place from the other end, one
 * weight for the batch, drawn from Beta(1, 1), of which the larger share is the example's own.
 *
 * Source: Zhang et al. 2018; `mixup` in `datasets/augmentation.py` of the reference.
 */
export function mixup(batch: ImageBatch, seed: random.Seed): ImageBatch {
  return mixWith(batch, random.uniform(seed, []));
}

/**
 * The same for a given weight w, a scalar in [0, 1]: max(w, 1 − w) of each example's image and
 * label, and the rest of its partner's.
 */
export function mixWith({ images, labels }: ImageBatch, weight: tf.Tensor): ImageBatch {
  const own = tf.maximum(weight, tf.sub(1, weight));
  const mix = (tensor: tf.Tensor) =>
    tf.add(tf.mul(tensor, own), tf.mul(tf.reverse(tensor, 0), tf.sub(1, own)));
  return { images: mix(images), labels: mix(labels) };
}
