import { random, tf } from "../../tensorflow/mod.ts";
import { type Draws, drawsOf } from "./_draws.ts";
import type { BatchAugmentation, ImageBatch } from "./types.ts";

/**
 * CutMix: a box of every image is that of the image at its place from the other end of the batch. The
 * box has the share 1 − λ of the image, λ from Beta(1, 1), is centred anywhere and cut off at the
 * edges; labels are mixed by the areas that are left. One box for the batch, or one for each example.
 *
 * Source: Yun et al. 2019, section 3.1. The reference has no CutMix: its "mixcut" is another thing.
 *
 * @example
 * ```ts
 * import { cutmix, type ImageBatch } from "../mod.ts";
 * import { random, tf } from "../../tensorflow/mod.ts";
 *
 * const batch: ImageBatch = { images: tf.ones([4, 8, 8, 1]), labels: tf.eye(4) };
 * const changed = cutmix("per example")(batch, random.seed(0));
 * console.assert(changed.images.shape.join() === "4,8,8,1");
 * ```
 */
export function cutmix(draws: Draws): BatchAugmentation {
  return function cutmix(batch: ImageBatch, seed: random.Seed): ImageBatch {
    const [lambda, y, x] = random.uniform(seed, [3, drawsOf(draws, batch.images)]).unstack();
    return cutMixWith(batch, lambda!, [y!, x!]);
  };
}

/** The same for given numbers in [0, 1), one for all or [batch]: λ, and the box's centre. */
export function cutMixWith(
  { images, labels }: ImageBatch,
  lambda: tf.Tensor,
  [y, x]: readonly [tf.Tensor, tf.Tensor],
): ImageBatch {
  const [, height, width] = images.shape as [number, number, number, number];
  const side = tf.sqrt(tf.sub(1, lambda));
  const rows = within(height, y, side).reshape([-1, height, 1, 1]);
  const columns = within(width, x, side).reshape([-1, 1, width, 1]);
  const box = tf.mul(rows, columns);
  const other = tf.mean(box, [1, 2, 3]).reshape([-1, 1]);
  const mix = (tensor: tf.Tensor, share: tf.Tensor) =>
    tf.add(tf.mul(tensor, tf.sub(1, share)), tf.mul(tf.reverse(tensor, 0), share));
  return { images: mix(images, box), labels: mix(labels, other) };
}

/** 1 for each position that the box covers, else 0. */
function within(size: number, center: tf.Tensor, side: tf.Tensor): tf.Tensor {
  const middle = tf.floor(tf.mul(center, size)).reshape([-1, 1]);
  const length = tf.floor(tf.mul(side, size)).reshape([-1, 1]);
  const half = tf.floor(tf.div(length, 2));
  const positions = tf.range(0, size);
  const inside = tf.logicalAnd(
    tf.greaterEqual(positions, tf.sub(middle, half)),
    tf.less(positions, tf.add(middle, half)),
  );
  return inside.toFloat();
}
