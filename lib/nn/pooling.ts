import { tf } from "../tensorflow/mod.ts";
import { checkRank, checkSizes, IMAGES } from "./_check.ts";

/**
 * Average over windows of size × size with that stride; what does not fill a window is left out.
 *
 * @throws RangeError for a size that is not a positive integer, or an input that is not of rank 4
 */
export function averagePool(input: tf.Tensor, size: number): tf.Tensor4D {
  checkSizes("pool", { size });
  checkRank("pool", input, IMAGES);
  return tf.avgPool(input as tf.Tensor4D, size, size, "valid");
}

/**
 * The largest value of each window of size × size, moved by `strides`, with TensorFlow's "same"
 * padding, which counts as minus infinity.
 *
 * @throws RangeError for sizes that are not positive integers, or an input that is not of rank 4
 */
export function maxPool(input: tf.Tensor, size: number, strides: number): tf.Tensor4D {
  checkSizes("pool", { size, strides });
  checkRank("pool", input, IMAGES);
  return tf.maxPool(input as tf.Tensor4D, size, strides, "same");
}

/**
 * Average over height and width: [batch, height, width, channels] to [batch, channels].
 *
 * @throws RangeError for an input that is not of rank 4
 */
export function globalAveragePool(input: tf.Tensor): tf.Tensor2D {
  checkRank("pool", input, IMAGES);
  return tf.mean(input, [1, 2]);
}
