import { tf } from "../tensorflow/mod.ts";
import { constant } from "./schedules.ts";
import type { Schedule } from "./types.ts";

/**
 * The schedule of a learning rate, or of one that stays the same.
 *
 * @throws RangeError for a rate that is negative or not finite
 * @throws TypeError (when called) unless the schedule gives a scalar tensor
 */
export function checkedSchedule(learningRate: number | Schedule): Schedule {
  if (typeof learningRate !== "function") return constant(learningRate);
  return (step) => {
    const rate: unknown = learningRate(step);
    if (rate instanceof tf.Tensor && rate.rank === 0) return rate as tf.Scalar;
    const found = rate instanceof tf.Tensor ? `a tensor of shape [${rate.shape}]` : `${rate}`;
    throw new TypeError(
      `Cannot descend by a schedule that gives ${found}: it must give a scalar tensor. The step is one ` +
        "too: choose by tf.where and tf.less, not by if",
    );
  };
}
