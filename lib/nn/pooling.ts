import { tf } from "../tensorflow/mod.ts";

/** Average over windows of size × size with that stride; what does not fill a window is left out. */
export function averagePool(input: tf.Tensor, size: number): tf.Tensor4D {
  return tf.avgPool(input as tf.Tensor4D, size, size, "valid");
}

/** Average over height and width: [batch, height, width, channels] to [batch, channels]. */
export function globalAveragePool(input: tf.Tensor): tf.Tensor2D {
  return tf.mean(input, [1, 2]);
}
