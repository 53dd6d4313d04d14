import { mapTree, tf, tidy, type Tree } from "../tensorflow/mod.ts";
import { checkedSchedule } from "./_schedule.ts";
import type { Optimizer, Schedule } from "./types.ts";

/** Options of {@linkcode rmsprop}; the defaults are the reference's. */
export interface RmspropOptions {
  /** Weight of the old mean square in the new one; default 0.9. */
  readonly decay?: number;
  /** Weight of the accumulated update; default 0.9. */
  readonly momentum?: number;
  /** Added to the mean square, inside the root; default 1e-3. */
  readonly epsilon?: number;
}

/** State of {@linkcode rmsprop}. */
export interface RmspropState {
  /** Steps taken, a float32 scalar. */
  readonly step: tf.Scalar;
  /** Mean squares of the gradients, 1 at first. */
  readonly v: Tree;
  readonly momentum: Tree;
}

/**
 * RMSProp as TensorFlow 1 has it: v ← ρ·v + (1 − ρ)·g², m ← μ·m + g / √(v + ε), w ← w − η·m, with v
 * starting at 1.
 *
 * ```ts
 * import { optim } from "sam";
 *
 * const optimizer = optim.rmsprop(optim.schedules.exponential(0.016, 350, 5005));
 * ```
 *
 * Source: `RMSProp` in `efficientnet/optim.py` of the reference; Tieleman and Hinton 2012.
 *
 * @param learningRate η, or a schedule of it
 * @throws RangeError for a decay or a momentum outside [0, 1), an epsilon that is not positive, or a
 *   rate that is negative or not finite
 * @throws TypeError (when called) for a schedule that gives something else than a scalar tensor
 */
export function rmsprop(
  learningRate: number | Schedule,
  { decay = 0.9, momentum = 0.9, epsilon = 1e-3 }: RmspropOptions = {},
): Optimizer {
  for (const [name, value] of Object.entries({ decay, momentum })) {
    if (!(Number.isFinite(value) && value >= 0 && value < 1)) {
      throw new RangeError(`Cannot descend with ${name} ${value}: it must be in [0, 1)`);
    }
  }
  if (!(Number.isFinite(epsilon) && epsilon > 0)) {
    throw new RangeError(`Cannot descend with epsilon ${epsilon}: it must be above 0`);
  }
  const rateAt = checkedSchedule(learningRate);
  return {
    learningRate: rateAt,
    init: (params) => ({
      step: tf.scalar(0),
      v: mapTree((param) => tf.onesLike(param), params),
      momentum: mapTree((param) => tf.zerosLike(param), params),
    }),
    update: (grads, state) =>
      tidy(() => {
        const { step, v: oldV, momentum: oldMomentum } = state as unknown as RmspropState;
        const v = mapTree(
          (g, v) => tf.add(tf.mul(v, decay), tf.mul(tf.square(g), 1 - decay)),
          grads,
          oldV,
        );
        const accumulated = mapTree(
          (g, v, m) => tf.add(tf.mul(m, momentum), tf.div(g, tf.sqrt(tf.add(v, epsilon)))),
          grads,
          v,
          oldMomentum,
        );
        const descent = tf.neg(rateAt(step));
        const updates = mapTree((m) => tf.mul(descent, m), accumulated);
        return [updates, { step: tf.add(step, 1), v, momentum: accumulated }];
      }),
  };
}
