import { leaves, mapTree, tf, type Tree } from "../tensorflow/mod.ts";
import type { Optimizer } from "./types.ts";

/** √Σ‖leaf‖₂² over all leaves together: a scalar. */
export function globalNorm(tree: Tree): tf.Scalar {
  return tf.tidy(() => {
    const squares = leaves(tree).map((leaf) => tf.sum(tf.square(leaf)));
    return tf.sqrt(tf.addN(squares)) as tf.Scalar;
  });
}

/**
 * The gradients, scaled so that their global norm is at most `maxNorm`.
 *
 * Source: `clip_by_global_norm` in `flax_training.py` of the reference.
 *
 * @throws RangeError unless the norm is positive
 */
export function clipToNorm<P extends Tree>(grads: P, maxNorm: number): P {
  if (!(maxNorm > 0)) {
    throw new RangeError(`Cannot clip gradients to norm ${maxNorm}: it must be above 0`);
  }
  const norm = globalNorm(grads);
  const small = tf.less(norm, maxNorm);
  return mapTree((grad) => tf.where(small, grad, tf.mul(tf.div(grad, norm), maxNorm)), grads);
}

/** {@linkcode clipToNorm} as a part of a chain. */
export function clipByGlobalNorm(maxNorm: number): Optimizer {
  return {
    init: () => [],
    update: (grads, state) => [clipToNorm(grads, maxNorm), state],
  };
}
