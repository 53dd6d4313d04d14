import { random, tf } from "../../tensorflow/mod.ts";
import { type Draws, drawsOf } from "./_draws.ts";
import type { BatchAugmentation, ImageBatch } from "./types.ts";

/** Height and width of the patch in pixels, unless told otherwise. */
const LENGTH = 16;

/**
 * Cutout: a square of zeros, the mean of normalised images, centred anywhere and cut off at the edges;
 * at one place in all images of the batch as in the reference, or at one of its own in each.
 *
 * Source: DeVries and Taylor 2017; `cutout` in `sam_jax/datasets/augmentation.py` of the reference.
 *
 * @example
 * ```ts
 * import { cutout, type ImageBatch } from "../mod.ts";
 * import { random, tf } from "../../tensorflow/mod.ts";
 *
 * const batch: ImageBatch = { images: tf.ones([4, 8, 8, 1]), labels: tf.eye(4) };
 * const changed = cutout("per example", 4)(batch, random.seed(0));
 * console.assert(changed.images.shape.join() === "4,8,8,1");
 * ```
 *
 * @param length height and width of the patch in pixels; of an odd one the reference uses one less
 */
export function cutout(draws: Draws, length = LENGTH): BatchAugmentation {
  return function cutout({ images, labels }: ImageBatch, seed: random.Seed): ImageBatch {
    const [, height, width] = images.shape as [number, number, number, number];
    const count = drawsOf(draws, images);
    const centers = random.uniform(seed, [2, count]).mul([[height], [width]]).floor();
    const [y, x] = centers.unstack();
    return { images: cutOut(images, y!, x!, length), labels };
  };
}

/**
 * The same for given centres, float32 that hold whole numbers: one for all images, or [batch].
 */
export function cutOut(
  images: tf.Tensor,
  y: tf.Tensor,
  x: tf.Tensor,
  length = LENGTH,
): tf.Tensor {
  const [, height, width] = images.shape as [number, number, number, number];
  const half = Math.floor(length / 2);
  const rows = outside(height, y, half).reshape([-1, height, 1, 1]);
  const columns = outside(width, x, half).reshape([-1, 1, width, 1]);
  return tf.mul(images, tf.maximum(rows, columns));
}

/** 1 for each position that the patch does not cover, else 0. */
function outside(size: number, center: tf.Tensor, half: number): tf.Tensor {
  const distance = tf.sub(tf.range(0, size), center.reshape([-1, 1]));
  return tf.logicalOr(tf.less(distance, -half), tf.greaterEqual(distance, half)).toFloat();
}
