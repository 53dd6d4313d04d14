import { leaves, mapTree, tf, tidy, type Tree } from "../tensorflow/mod.ts";
import type { Optimizer } from "./types.ts";

/** √Σ‖leaf‖₂² over all leaves together: a scalar, 0 for a tree without leaves. */
export function globalNorm(tree: Tree): tf.Scalar {
  return tf.tidy(() => {
    const squares = leaves(tree).map((leaf) => tf.sum(tf.square(leaf)));
    return tf.sqrt(squares.length === 0 ? tf.scalar(0) : tf.addN(squares)) as tf.Scalar;
  });
}

/**
 * The gradients, scaled so that their global norm is at most `maxNorm`: new tensors.
 *
 * Source: `clip_by_global_norm` in `flax_training.py` of the reference.
 *
 * @throws RangeError unless the norm is positive
 */
export function clipToNorm<P extends Tree>(grads: P, maxNorm: number): P {
  checkMaxNorm(maxNorm);
  return tidy(() => {
    const norm = globalNorm(grads);
    const scale = tf.where(tf.less(norm, maxNorm), 1, tf.div(maxNorm, norm));
    return mapTree((grad) => tf.mul(grad, scale), grads);
  });
}

/**
 * {@linkcode clipToNorm} as a part of a chain.
 *
 * @throws RangeError unless the norm is positive
 */
export function clipByGlobalNorm(maxNorm: number): Optimizer {
  checkMaxNorm(maxNorm);
  return {
    init: () => [],
    update: (grads, state) => [clipToNorm(grads, maxNorm), state],
  };
}

function checkMaxNorm(maxNorm: number): void {
  if (!(maxNorm > 0)) {
    throw new RangeError(`Cannot clip gradients to norm ${maxNorm}: it must be above 0`);
  }
}
