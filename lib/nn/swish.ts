import { tf } from "../tensorflow/mod.ts";

/** x · sigmoid(x). Source: Ramachandran et al. 2017. */
export function swish<T extends tf.Tensor>(x: T): T {
  return tf.mul(x, tf.sigmoid(x));
}
