/**
 * Where the crops of ImageNet lie: windows are int32 [4], the first row and column, height and width.
 *
 * Source: `sam_jax/datasets/dataset_source_imagenet.py` of the reference, after EfficientNet's
 * preprocessing.
 *
 * @module
 */
import { attribute, backend, DType, type random, tf } from "../../tensorflow/mod.ts";

/** Crops of Szegedy et al. 2015: share of the image's area, and width over height. */
const AREA = [0.08, 1], ASPECT = [3 / 4, 4 / 3];
/** The least share of the image that a crop has, of so many tries. */
const LEAST = 0.1, TRIES = 10;
/** The crop that is evaluated is of an image that is so many pixels larger. */
const PADDING = 32;
/** Channels of an image whose random crop may become the one in the middle. */
const COLOURS = 3;

/**
 * The crop in the middle, of size / (size + 32) of the shorter side.
 *
 * @param shape height, width and channels of the file's image, int32 [3]
 */
export function centerCrop(shape: tf.Tensor, size: number): tf.Tensor {
  const sizes = heightAndWidth(shape);
  // In whole numbers, lest rounding lose a pixel.
  const side = tf.floorDiv(
    tf.mul(tf.min(sizes), tf.scalar(size, "int32")),
    tf.scalar(size + PADDING, "int32"),
  );
  const spare = tf.sub(sizes, side).add(tf.scalar(1, "int32"));
  const begin = tf.floorDiv(spare, tf.scalar(2, "int32"));
  return tf.concat([begin, tf.stack([side, side])]);
}

/**
 * A crop of random place, size and aspect; the crop in the middle where it would be the whole image and
 * that has three channels. The reference compares the crop with the file's own shape, so that one of
 * grayscale is never equal.
 *
 * @param shape height, width and channels of the file's image, int32 [3]
 */
export function randomCrop(shape: tf.Tensor, size: number, seed: random.Seed): tf.Tensor {
  const [begin, extent] = backend.run(
    "StatelessSampleDistortedBoundingBox",
    [
      attribute.type("T", DType.int32),
      attribute.type("Tseed", DType.int32),
      attribute.float("aspect_ratio_range", ASPECT),
      attribute.float("area_range", AREA),
      attribute.int("max_attempts", TRIES),
      attribute.bool("use_image_if_no_bounding_boxes", true),
    ],
    [shape, tf.tensor3d([0, 0, 1, 1], [1, 1, 4]), tf.scalar(LEAST), seed],
    3,
  );
  const sizes = heightAndWidth(extent!);
  const drawn = tf.concat([heightAndWidth(begin!), sizes]);
  return tf.where(coversAll(sizes, shape), centerCrop(shape, size), drawn);
}

/** Whether a crop in colour has the shape of the file's image; bool, a scalar. */
export function coversAll(sizes: tf.Tensor, shape: tf.Tensor): tf.Tensor {
  const crop = tf.concat([sizes, tf.tensor1d([COLOURS], "int32")] as tf.Tensor1D[]);
  return tf.all(tf.equal(crop, shape));
}

function heightAndWidth(sizes: tf.Tensor): tf.Tensor1D {
  return tf.slice(sizes as tf.Tensor1D, [0], [2]);
}
