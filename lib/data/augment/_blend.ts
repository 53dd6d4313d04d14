import { tf } from "../../tensorflow/mod.ts";

/**
 * `from` + factor · (`to` − `from`), cut to whole numbers in 0..255; the images as they are where the
 * factor is 0 or 1.
 */
export function blend(from: tf.Tensor, to: tf.Tensor, factors: tf.Tensor): tf.Tensor {
  const factor = factors.reshape([-1, ...new Array(to.rank - 1).fill(1)]);
  const [start, end] = [from.toFloat(), to.toFloat()];
  const blended = tf.add(start, tf.mul(factor, tf.sub(end, start)));
  const bytes = tf.clipByValue(blended, 0, 255).toInt();
  return tf.where(tf.equal(factor, 1), to, tf.where(tf.equal(factor, 0), from, bytes));
}
