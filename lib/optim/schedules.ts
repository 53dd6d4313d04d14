import { tf } from "../tensorflow/mod.ts";
import type { Schedule } from "./types.ts";

/**
 * The same rate at every step.
 *
 * ```ts
 * import { optim } from "sam";
 *
 * const optimizer = optim.sgd(optim.schedules.constant(0.1));
 * ```
 *
 * @throws RangeError for a rate that is negative or not finite
 */
export function constant(learningRate: number): Schedule {
  checkRate(learningRate);
  return () => tf.scalar(learningRate);
}

/**
 * η₀ · ½ · (1 + cos(π · step / steps)): from η₀ at step 0 to 0 after the last.
 *
 * ```ts
 * import { optim, tf } from "sam";
 *
 * const rate = optim.schedules.cosine(0.1, 100);
 * console.log(rate(tf.scalar(50)).dataSync()[0]); // 0.05
 * ```
 *
 * Source: `get_cosine_schedule` in `flax_training.py` of the reference.
 *
 * @throws RangeError unless there are steps, or for a rate that is negative or not finite
 */
export function cosine(learningRate: number, steps: number): Schedule {
  checkRate(learningRate);
  requirePositive("decay over a number of steps of", steps);
  return (step) =>
    tf.tidy(() => {
      const angle = tf.mul(tf.div(tf.minimum(step, steps), steps), Math.PI);
      return tf.mul(tf.add(tf.cos(angle), 1), 0.5 * learningRate) as tf.Scalar;
    });
}

/** The rate at the end of {@linkcode exponential} as a share of that at its start. */
const EXPONENTIAL_END = 0.012;

/**
 * η₀ · e^(−t / λ) by epochs t = step / steps per epoch, with λ such that η₀ · 0.012 is reached after
 * all epochs.
 *
 * ```ts
 * import { optim, tf } from "sam";
 *
 * const rate = optim.schedules.exponential(0.1, 10, 50);
 * console.log(rate(tf.scalar(500)).dataSync()[0]); // 0.0012
 * ```
 *
 * Source: `get_exponential_schedule` in `flax_training.py` of the reference, where step 0 is NaN.
 *
 * @throws RangeError unless there are epochs and steps, or for a rate that is negative or not finite
 */
export function exponential(learningRate: number, epochs: number, stepsPerEpoch: number): Schedule {
  checkRate(learningRate);
  requirePositive("decay over a number of epochs of", epochs);
  requirePositive("decay with a number of steps per epoch of", stepsPerEpoch);
  const lambda = -epochs / Math.log(EXPONENTIAL_END);
  return (step) =>
    tf.tidy(() =>
      tf.mul(tf.exp(tf.neg(tf.div(tf.div(step, stepsPerEpoch), lambda))), learningRate) as tf.Scalar
    );
}

function checkRate(learningRate: number): void {
  if (!(Number.isFinite(learningRate) && learningRate >= 0)) {
    throw new RangeError(
      `Cannot descend with learning rate ${learningRate}: it must be finite and >= 0`,
    );
  }
}

function requirePositive(what: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0)) {
    throw new RangeError(`Cannot ${what} ${value}: it must be above 0`);
  }
}
