import { mapTree, tf, tidy, type Tree } from "../tensorflow/mod.ts";
import { checkedSchedule } from "./_schedule.ts";
import type { Optimizer, Schedule } from "./types.ts";

/** Options of {@linkcode sgd}. */
export interface SgdOptions {
  /** Weight of the accumulated gradient; default 0. */
  readonly momentum?: number;
  /** Nesterov's form; default false. */
  readonly nesterov?: boolean;
}

/** State of {@linkcode sgd}. */
export interface SgdState {
  /** Steps taken, a float32 scalar. */
  readonly step: tf.Scalar;
  /** Accumulated gradients; empty without momentum. */
  readonly momentum: Tree;
}

/**
 * Stochastic gradient descent: m ← μ·m + g, then w ← w − η·m, in Nesterov's form
 * w ← w − η·(g + μ·m).
 *
 * ```ts
 * import { optim, tf } from "sam";
 *
 * const optimizer = optim.sgd(0.1, { momentum: 0.9, nesterov: true });
 * const params = { w: tf.scalar(1) };
 * const [updates, state] = optimizer.update({ w: tf.scalar(2) }, optimizer.init(params), params);
 * console.log(updates.w.dataSync()[0]); // -0.38
 * ```
 *
 * Source: `flax.optim.Momentum` 0.2.2, the reference's optimizer.
 *
 * @param learningRate η, or a schedule of it
 * @throws RangeError for a momentum outside [0, 1), or a rate that is negative or not finite
 * @throws TypeError (when called) for a schedule that gives something else than a scalar tensor
 */
export function sgd(
  learningRate: number | Schedule,
  { momentum = 0, nesterov = false }: SgdOptions = {},
): Optimizer {
  if (!(Number.isFinite(momentum) && momentum >= 0 && momentum < 1)) {
    throw new RangeError(`Cannot descend with momentum ${momentum}: it must be in [0, 1)`);
  }
  const rateAt = checkedSchedule(learningRate);
  return {
    learningRate: rateAt,
    init: (params): Tree => ({
      step: tf.scalar(0),
      momentum: momentum === 0 ? [] : mapTree((param) => tf.zerosLike(param), params),
    }),
    update: (grads, state) =>
      tidy(() => {
        const { step, momentum: old } = state as unknown as SgdState;
        const descent = tf.neg(rateAt(step));
        const next = tf.add(step, 1);
        if (momentum === 0) {
          return [mapTree((g) => tf.mul(descent, g), grads), { step: next, momentum: [] }];
        }
        const accumulated = mapTree((g, m) => tf.add(tf.mul(m, momentum), g), grads, old);
        const updates = nesterov
          ? mapTree((g, m) => tf.mul(descent, tf.add(g, tf.mul(m, momentum))), grads, accumulated)
          : mapTree((m) => tf.mul(descent, m), accumulated);
        return [updates, { step: next, momentum: accumulated }];
      }),
  };
}
