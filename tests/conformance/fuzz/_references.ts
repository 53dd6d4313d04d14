/**
 * What stands in for operations in which TensorFlow.js's `cpu` backend has a mistake: other operations
 * of that backend, which have none.
 *
 * @module
 */
import { tf } from "../../../lib/tensorflow/mod.ts";

export type Pad = "same" | "valid" | number;

/**
 * A volume without what no window of `same` padding meets: there the `cpu` backend pads by a negative
 * number, where TensorFlow pads by none.
 */
export function cropped(
  x: tf.Tensor,
  window: readonly number[],
  strides: readonly number[],
  pad: Pad,
): tf.Tensor5D {
  const size = [...x.shape];
  if (pad === "same") {
    for (const [axis, step] of strides.entries()) {
      const positions = Math.ceil(size[axis + 1]! / step);
      const met = Math.max(0, positions - 1) * step + window[axis]!;
      size[axis + 1] = Math.min(size[axis + 1]!, met);
    }
  }
  return tf.slice(x, size.map(() => 0), size) as tf.Tensor5D;
}

/**
 * Means of windows, by convolutions: sums over counts. The `cpu` backend's gradient of a mean counts
 * padding, which the mean itself leaves out.
 */
export function mean2d(
  x: tf.Tensor,
  window: [number, number],
  strides: [number, number],
  pad: Pad,
): tf.Tensor {
  const ones = tf.ones([...window, x.shape[3]!, 1]) as tf.Tensor4D;
  const sum = (values: tf.Tensor) => tf.depthwiseConv2d(values as tf.Tensor4D, ones, strides, pad);
  return tf.div(sum(x), sum(tf.onesLike(x)));
}

/** The same of volumes. */
export function mean3d(
  x: tf.Tensor,
  window: [number, number, number],
  strides: [number, number, number],
  pad: "same" | "valid",
): tf.Tensor {
  const channels = x.shape[4]!;
  const identity = tf.eye(channels);
  const filter = tf.tile(
    tf.reshape(identity, [1, 1, 1, channels, channels]),
    [...window, 1, 1],
  ) as tf.Tensor5D;
  const sum = (values: tf.Tensor) =>
    tf.conv3d(cropped(values, window, strides, pad), filter, strides, pad);
  return tf.div(sum(x), sum(tf.onesLike(x)));
}
