import { random, tf } from "../../tensorflow/mod.ts";

/** Pixels by which an image is padded before it is cropped to its size again. */
const PADDING = 4;

/**
 * The reference's basic augmentation of one image [height, width, channels]: a horizontal flip
 * with probability ½, padding by 4 pixels that mirror the image (the edge itself not repeated), a
 * random crop back to its size.
 *
 * Source: `weak_image_augmentation` in `datasets/augmentation.py` of the reference.
 *
 * @returns a new image of the same shape and dtype
 * @throws RangeError for images of less than 5 pixels, which have not enough to mirror
 */
export function basic(image: tf.Tensor, seed: random.Seed): tf.Tensor {
  return tf.tidy(() => {
    const draws = random.uniform(seed, [3]).mul([2 * PADDING + 1, 2 * PADDING + 1, 2]).toInt();
    const [y, x, flip] = draws.split(3) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
    return flipAndCrop(image, flip, y, x);
  });
}

/**
 * The same for given draws, int32 of shape [1]: `flip` 0 or 1, and the offsets `y`, `x` in 0..8 of
 * the crop in the padded image.
 */
export function flipAndCrop(
  image: tf.Tensor,
  flip: tf.Tensor1D,
  y: tf.Tensor1D,
  x: tf.Tensor1D,
): tf.Tensor {
  const [height, width] = image.shape as [number, number, number];
  if (Math.min(height, width) <= PADDING) {
    throw new RangeError(
      `Cannot pad an image of shape [${image.shape}] by ${PADDING} mirrored pixels: it has too few`,
    );
  }
  return tf.tidy(() => {
    const rows = mirrored(y, height);
    const columns = mirrored(x, width);
    const flipped = tf.abs(columns.sub(flip.mul(int32(width - 1))));
    return image.gather(rows, 0).gather(flipped, 1);
  });
}

/** Where the pixels of a crop lie along an axis: outside of the image they mirror it. */
function mirrored(offset: tf.Tensor1D, size: number): tf.Tensor1D {
  const positions = offset.add(tf.range(-PADDING, size - PADDING, 1, "int32"));
  const last = int32(size - 1);
  return tf.sub(last, tf.abs(tf.sub(last, tf.abs(positions)))) as tf.Tensor1D;
}

function int32(value: number): tf.Scalar {
  return tf.scalar(value, "int32");
}
