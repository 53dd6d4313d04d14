import { tf } from "../tensorflow/mod.ts";
import { checkRank, checkSizes, IMAGES } from "./_check.ts";

/**
 * Average over windows of size × size with that stride; what does not fill a window is left out.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn, tf } from "sam";
 *
 * assertEquals(nn.averagePool(tf.ones([1, 5, 5, 3]), 2).shape, [1, 2, 2, 3]);
 * ```
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
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn, tf } from "sam";
 *
 * assertEquals(nn.maxPool(tf.ones([1, 5, 5, 3]), 3, 2).shape, [1, 3, 3, 3]);
 * ```
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
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn, tf } from "sam";
 *
 * assertEquals(nn.globalAveragePool(tf.ones([1, 5, 5, 3])).shape, [1, 3]);
 * ```
 *
 * @throws RangeError for an input that is not of rank 4
 */
export function globalAveragePool(input: tf.Tensor): tf.Tensor2D {
  checkRank("pool", input, IMAGES);
  return tf.mean(input, [1, 2]);
}
