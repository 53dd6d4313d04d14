import { attribute, backend, DType, tf } from "../../tensorflow/mod.ts";

/**
 * `from` + factor · (`to` − `from`), cut to whole numbers in 0..255; the images as they are where the
 * factor is 0 or 1.
 */
export function blend(from: tf.Tensor, to: tf.Tensor, factors: tf.Tensor): tf.Tensor {
  const factor = factors.reshape([-1, ...new Array(to.rank - 1).fill(1)]);
  const [start, end] = [from.toFloat(), to.toFloat()];
  const blended = tf.add(start, tf.mul(factor, tf.sub(end, start)));
  const bytes = tf.clipByValue(blended, 0, 255).toInt();
  return choose(tf.equal(factor, 1), to, choose(tf.equal(factor, 0), from, bytes));
}

/** `tf.where` of int32 by broadcasting, of images whose number is known at run time only, too. */
export function choose(condition: tf.Tensor, yes: tf.Tensor, no: tf.Tensor): tf.Tensor {
  const type = [attribute.type("T", DType.int32)];
  return backend.run("SelectV2", type, [condition, yes, no], 1)[0]!;
}
