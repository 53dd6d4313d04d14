import { tf } from "../tensorflow/mod.ts";
import { withGradient } from "./_with_gradient.ts";
import type { Scope } from "./scope.ts";

/**
 * Shake-Shake of two branches [batch, height, width, channels]: u · a + (1 − u) · b with u uniform in
 * [0, 1) for each example, and in the gradient another u, unless the scope asks for the true gradient.
 * Outside of training it is the mean of the branches.
 *
 * Source: Gastaldi 2017, section 1.2 ("shake-shake-image"); `shake_shake_train` and
 * `shake_shake_eval` in `models/utils.py` of the reference.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn, tf } from "sam";
 *
 * // Outside of training it is the mean.
 * const layer = nn.model((scope, x) => nn.shakeShakeSum(scope, x, tf.mul(x, 3)));
 * const { output } = layer.apply({ params: {}, state: {} }, tf.ones([2, 1, 1, 1]));
 * assertEquals([...output.dataSync()], [2, 2]);
 * ```
 */
export function shakeShakeSum(scope: Scope, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  if (!scope.train) return tf.mul(tf.add(a, b), 0.5);
  const forward = perExample(scope, "gate_forward", a);
  const backward = scope.trueGradient ? forward : perExample(scope, "gate_backward", a);
  return withGradient(
    [a, b],
    (a, b) => ({
      value: tf.add(tf.mul(a!, forward), tf.mul(b!, tf.sub(1, forward))),
      saved: [backward],
    }),
    (dy, [share]) => [tf.mul(dy, share!), tf.mul(dy, tf.sub(1, share!))],
  );
}

/**
 * ShakeDrop of a branch [batch, height, width, channels]: as it is with probability `keep`, otherwise
 * multiplied by α uniform in [−1, 1), and its gradient by β uniform in [0, 1), unless the scope asks for
 * the true gradient; drawn for each example. Outside of training the branch is multiplied by the
 * expected value of the factor, which is `keep`.
 *
 * Source: Yamada et al. 2019, equation (6); `shake_drop_train` and `shake_drop_eval` in
 * `models/utils.py` of the reference.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn, tf } from "sam";
 *
 * // Outside of training it is the branch times the probability.
 * const layer = nn.model((scope, branch) => nn.shakeDrop(scope, branch, 0.75));
 * const { output } = layer.apply({ params: {}, state: {} }, tf.ones([2, 1, 1, 1]));
 * assertEquals([...output.dataSync()], [0.75, 0.75]);
 * ```
 *
 * @throws RangeError unless `keep` is in [0, 1]
 */
export function shakeDrop(scope: Scope, branch: tf.Tensor, keep: number): tf.Tensor {
  if (!(keep >= 0 && keep <= 1)) {
    throw new RangeError(`Cannot keep a branch with probability ${keep}: it must be in [0, 1]`);
  }
  if (!scope.train) return tf.mul(branch, keep);
  const kept = tf.floor(tf.add(perExample(scope, "mask", branch), keep));
  const alpha = tf.sub(tf.mul(perExample(scope, "alpha", branch), 2), 1);
  const beta = perExample(scope, "beta", branch);
  const factor = (shaken: tf.Tensor) => tf.add(kept, tf.mul(tf.sub(1, kept), shaken));
  const forward = factor(alpha);
  const backward = scope.trueGradient ? forward : factor(beta);
  return withGradient(
    [branch],
    (branch) => ({ value: tf.mul(branch!, forward), saved: [backward] }),
    (dy, [share]) => tf.mul(dy, share!),
  );
}

/** A number for each example of a batch, [batch, 1, 1, 1]. */
function perExample(scope: Scope, name: string, batch: tf.Tensor): tf.Tensor {
  return scope.uniform(name, [batch.shape[0]!, 1, 1, 1]);
}
