import { type random, tf } from "../../tensorflow/mod.ts";
import { symmetricBeta } from "./_beta.ts";
import { type Draws, drawsOf } from "./_draws.ts";
import type { BatchAugmentation, ImageBatch } from "./types.ts";

/**
 * Mixup: every example with the one at its place from the other end of the batch, by a weight from
 * Beta(α, α), of which the larger share is the example's own; one weight for the batch as in the
 * reference, or one for each example.
 *
 * Source: Zhang et al. 2018; `mixup` in `sam_jax/datasets/augmentation.py` of the reference, whose α is
 * 1, and in `sam_jax/datasets/dataset_source_imagenet.py`, whose α is a flag.
 *
 * @example
 * ```ts
 * import { mixup, type ImageBatch } from "../mod.ts";
 * import { random, tf } from "../../tensorflow/mod.ts";
 *
 * const batch: ImageBatch = { images: tf.ones([4, 8, 8, 1]), labels: tf.eye(4) };
 * const changed = mixup("per example", 0.2)(batch, random.seed(0));
 * console.assert(changed.images.shape.join() === "4,8,8,1");
 * ```
 *
 * @param alpha above 0: the larger, the more of the partner
 */
export function mixup(draws: Draws, alpha = 1): BatchAugmentation {
  return function mixup(batch: ImageBatch, seed: random.Seed): ImageBatch {
    return mixWith(batch, symmetricBeta(seed, drawsOf(draws, batch.images), alpha));
  };
}

/**
 * The same for given weights w in [0, 1], one for all or [batch]: max(w, 1 − w) of each example's
 * image and label, and the rest of its partner's.
 */
export function mixWith({ images, labels }: ImageBatch, weight: tf.Tensor): ImageBatch {
  const own = tf.maximum(weight, tf.sub(1, weight)).reshape([-1, 1]);
  const mix = (tensor: tf.Tensor) => {
    const share = own.reshape([-1, ...new Array(tensor.rank - 1).fill(1)]);
    return tf.add(tf.mul(tensor, share), tf.mul(tf.reverse(tensor, 0), tf.sub(1, share)));
  };
  return { images: mix(images), labels: mix(labels) };
}
