import { tf } from "../tensorflow/mod.ts";

/**
 * x · sigmoid(x). Source: Ramachandran et al. 2017.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn, tf } from "sam";
 *
 * assertEquals([...nn.swish(tf.tensor([-1e9, 0, 20])).dataSync()].map(Math.round), [-0, 0, 20]);
 * ```
 */
export function swish<T extends tf.Tensor>(x: T): T {
  return tf.mul(x, tf.sigmoid(x));
}
