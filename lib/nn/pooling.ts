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
 * Average over height and width: [batch, height, width, channels] to [batch, channels].
 *
 * @throws RangeError for an input that is not of rank 4
 */
export function globalAveragePool(input: tf.Tensor): tf.Tensor2D {
  checkRank("pool", input, IMAGES);
  return tf.mean(input, [1, 2]);
}
