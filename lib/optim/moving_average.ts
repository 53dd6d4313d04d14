import { mapTree, tf, tidy, type Tree } from "../tensorflow/mod.ts";

/** The first steps, which are not averaged, as in the reference: until then the average is a copy. */
export const MOVING_AVERAGE_WARM_UP = 1560;

/**
 * The share of the old average after a step: none for 1,560 steps, then rising to `decay`:
 * min(decay, (1 + d) / (10 + d)) for the step 1560 + d.
 *
 * ```ts
 * import { optim, tf } from "sam";
 *
 * console.log(optim.movingAverageDecay(0.999, tf.scalar(1560)).dataSync()[0]); // 0.1
 * ```
 *
 * Source: `ExponentialMovingAverage` in `efficientnet/optim.py` of the reference.
 *
 * @param step steps taken, that one included; a scalar
 * @throws RangeError for a decay outside [0, 1)
 */
export function movingAverageDecay(decay: number, step: tf.Tensor): tf.Scalar {
  if (!(decay >= 0 && decay < 1)) {
    throw new RangeError(`Cannot average with decay ${decay}: it must be in [0, 1)`);
  }
  return tidy(() => {
    const since = tf.maximum(tf.sub(step.toFloat(), MOVING_AVERAGE_WARM_UP), 0);
    const rising = tf.minimum(decay, tf.div(tf.add(1, since), tf.add(10, since)));
    return tf.where(
      tf.less(step.toFloat(), MOVING_AVERAGE_WARM_UP),
      tf.zerosLike(rising),
      rising,
    ) as tf.Scalar;
  });
}

/**
 * share · average + (1 − share) · value, for each leaf; of whole numbers, such as a count, the value.
 * The tensors are the caller's.
 *
 * ```ts
 * import { optim, tf } from "sam";
 *
 * const moved = optim.movedAverage([tf.scalar(0)], [tf.scalar(1)], tf.scalar(0.75));
 * console.log(moved[0]!.dataSync()[0]); // 0.25
 * ```
 */
export function movedAverage<T extends Tree>(average: T, value: T, share: tf.Scalar): T {
  return mapTree(
    (old, now) =>
      old.dtype === "int32"
        ? now!.clone()
        : tf.add(tf.mul(share, old), tf.mul(tf.sub(1, share), now!)),
    average,
    value,
  );
}
