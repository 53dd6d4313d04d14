import { leaves, mapTree, tf, tidy, type Tree } from "../tensorflow/mod.ts";

/**
 * √Σ‖leaf‖₂² over all leaves together: a scalar, 0 for a tree without leaves.
 *
 * ```ts
 * import { optim, tf } from "sam";
 *
 * const norm = optim.globalNorm({ a: tf.tensor1d([3]), b: [tf.scalar(4)] });
 * console.log(norm.dataSync()[0]); // 5
 * ```
 */
export function globalNorm(tree: Tree): tf.Scalar {
  return tf.tidy(() => {
    const squares = leaves(tree).map((leaf) => tf.sum(tf.square(leaf)));
    return tf.sqrt(squares.length === 0 ? tf.scalar(0) : tf.addN(squares)) as tf.Scalar;
  });
}

/**
 * The gradients, scaled so that their global norm is at most `maxNorm`: new tensors.
 *
 * ```ts
 * import { optim, tf } from "sam";
 *
 * const clipped = optim.clipToNorm({ a: tf.tensor1d([3, 4]) }, 1);
 * console.log(clipped.a.dataSync()); // 0.6, 0.8
 * ```
 *
 * A training step clips where it is told to by its `gradientClipping`.
 *
 * Source: `clip_by_global_norm` in `flax_training.py` of the reference.
 *
 * @param norm of the gradients, where it is known
 * @throws RangeError unless `maxNorm` is positive
 */
export function clipToNorm<P extends Tree>(grads: P, maxNorm: number, norm?: tf.Scalar): P {
  checkMaxNorm(maxNorm);
  return tidy(() => {
    norm ??= globalNorm(grads);
    const scale = tf.where(tf.less(norm, maxNorm), 1, tf.div(maxNorm, norm));
    return mapTree((grad) => tf.mul(grad, scale), grads);
  });
}

/**
 * Refuses a norm that gradients cannot be clipped to.
 *
 * ```ts
 * import { optim } from "sam";
 *
 * optim.checkMaxNorm(5);
 * ```
 *
 * @throws RangeError unless the norm is positive
 */
export function checkMaxNorm(maxNorm: number): void {
  if (typeof maxNorm !== "number" || !(maxNorm > 0)) {
    throw new RangeError(`Cannot clip gradients to norm ${maxNorm}: it must be above 0`);
  }
}
