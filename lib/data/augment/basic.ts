import { random, tf } from "../../tensorflow/mod.ts";

/** Pixels by which an image is padded before it is cropped to its size again. */
const PADDING = 4;

/**
 * The reference's basic augmentation of images [batch, height, width, channels], drawn for each one:
 * a horizontal flip with probability ½, padding by 4 pixels that mirror the image (the edge itself
 * not repeated), a random crop back to its size.
 *
 * Source: `weak_image_augmentation` in `datasets/augmentation.py` of the reference.
 *
 * @example
 * ```ts
 * import { basic } from "../mod.ts";
 * import { random, tf } from "../../tensorflow/mod.ts";
 *
 * const images = tf.zeros([2, 8, 8, 3], "int32");
 * console.assert(basic(images, random.seed(0)).shape.join() === "2,8,8,3");
 * ```
 *
 * @returns new images of the same shape and dtype
 * @throws RangeError for images of less than 5 pixels, which have too few to mirror
 */
export function basic(images: tf.Tensor, seed: random.Seed): tf.Tensor {
  return tf.tidy(() => {
    const offsets = 2 * PADDING + 1;
    const draws = random.uniform(seed, [3, images.shape[0]!]);
    const [y, x, flip] = draws.mul([[offsets], [offsets], [2]]).toInt().unstack();
    return flipAndCrop(images, flip!, y!, x!);
  });
}

/**
 * The same for given draws, int32 [batch]: `flip` 0 or 1, and the offsets `y`, `x` in 0..8 of the
 * crops in the padded images.
 */
export function flipAndCrop(
  images: tf.Tensor,
  flip: tf.Tensor,
  y: tf.Tensor,
  x: tf.Tensor,
): tf.Tensor {
  const [, height, width] = images.shape as [number, number, number, number];
  if (Math.min(height, width) <= PADDING) {
    throw new RangeError(
      `Cannot pad images of shape [${images.shape}] by ${PADDING} mirrored pixels: they have too few`,
    );
  }
  return tf.tidy(() => {
    const rows = mirrored(y, height);
    const columns = mirrored(x, width);
    const flipped = tf.abs(columns.sub(flip.expandDims(1).mul(int32(width - 1))));
    return tf.gather(tf.gather(images, rows, 1, 1), flipped as tf.Tensor2D, 2, 1);
  });
}

/** Where the pixels of crops lie along an axis, [batch, size]: outside of an image they mirror it. */
function mirrored(offset: tf.Tensor, size: number): tf.Tensor2D {
  const positions = offset.expandDims(1).add(tf.range(-PADDING, size - PADDING, 1, "int32"));
  const last = int32(size - 1);
  return tf.sub(last, tf.abs(tf.sub(last, tf.abs(positions)))) as tf.Tensor2D;
}

function int32(value: number): tf.Scalar {
  return tf.scalar(value, "int32");
}
