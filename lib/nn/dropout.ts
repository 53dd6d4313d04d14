import { tf } from "../tensorflow/mod.ts";
import type { Scope } from "./scope.ts";

/**
 * Dropout: in training each element becomes zero with probability `rate`, and is otherwise divided
 * by the probability of being kept.
 *
 * Source: Srivastava et al. 2014; `flax.nn.dropout` 0.2.2.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn, random, tf } from "sam";
 *
 * const layer = nn.model((scope, input) => nn.dropout(scope, input, 0.5));
 * const none = { params: {}, state: {} };
 * const { output } = layer.apply(none, tf.ones([1, 100]), { train: true, seed: random.seed(0) });
 * assertEquals(new Set(output.dataSync()), new Set([0, 2]));
 * ```
 *
 * @throws RangeError unless the rate is in [0, 1)
 */
export function dropout<T extends tf.Tensor>(scope: Scope, input: T, rate: number): T {
  return drop(scope, "dropout", input, rate, input.shape);
}

/**
 * Stochastic depth of a branch [batch, height, width, channels]: in training the whole branch of an
 * example becomes zero with probability `rate`, and is otherwise divided by the probability of being
 * kept.
 *
 * Source: Huang et al. 2016; `stochastic_depth` in `efficientnet/efficientnet.py` of the reference.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn, random, tf } from "sam";
 *
 * const layer = nn.model((scope, branch) => nn.stochasticDepth(scope, branch, 0.5));
 * const none = { params: {}, state: {} };
 * const options = { train: true, seed: random.seed(0) };
 * const { output } = layer.apply(none, tf.ones([100, 1, 1, 1]), options);
 * assertEquals(new Set(output.dataSync()), new Set([0, 2])); // each example whole
 * ```
 *
 * @throws RangeError unless the rate is in [0, 1)
 */
export function stochasticDepth<T extends tf.Tensor>(scope: Scope, branch: T, rate: number): T {
  return drop(scope, "stochastic_depth", branch, rate, [branch.shape[0]!, 1, 1, 1]);
}

function drop<T extends tf.Tensor>(
  scope: Scope,
  name: string,
  input: T,
  rate: number,
  shape: readonly number[],
): T {
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(`Cannot drop with rate ${rate}: it must be in [0, 1)`);
  }
  if (!scope.train || rate === 0) return input;
  const kept = tf.floor(tf.add(scope.uniform(name, shape), 1 - rate));
  return tf.mul(tf.div(input, 1 - rate), kept);
}
