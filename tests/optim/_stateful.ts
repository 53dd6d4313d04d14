/** Gradient transformations with a memory, as one writes them who has read a paper. @module */
import {
  globalNorm,
  type GradientFunction,
  type Metrics,
  sam,
  type StatefulGradient,
} from "../../lib/optim/mod.ts";
import { mapTree, tf, tidy, type Tree } from "../../lib/tensorflow/mod.ts";

/**
 * After LookSAM (Liu et al. 2022): what SAM adds to the gradient is found in every k-th step, and added
 * again in those between.
 */
export function reusing<P extends Tree, Batch, M extends Metrics>(
  gradient: GradientFunction<P, Batch, M>,
  { rho, every }: { readonly rho: number; readonly every: number },
): StatefulGradient<P, Batch, M> {
  const sharp = sam(gradient, { rho });
  return {
    init: (params) => ({ step: tf.scalar(0, "int32"), added: mapTree(tf.zerosLike, params) }),
    update: (params, memory, batch, pass) =>
      tidy(() => {
        const { step, added: old } = memory as { step: tf.Scalar; added: P };
        const isDue = tf.equal(tf.mod(step, every), 0);
        const found = gradient(params, batch, pass);
        const { grads } = sharp(params, batch, pass);
        const added = mapTree(
          (s, g, o) => tf.where(isDue, tf.sub(s, g), o),
          grads,
          found.grads,
          old,
        );
        const result = { ...found, grads: mapTree((g, a) => tf.add(g, a), found.grads, added) };
        return [result, { step: tf.add(step, tf.scalar(1, "int32")), added }];
      }),
  };
}

/** Perturbs by a running mean of gradients, in one pass, and only in every k-th step. */
export function climbingByMean<P extends Tree, Batch, M extends Metrics>(
  gradient: GradientFunction<P, Batch, M>,
  { rho, every, decay }: { readonly rho: number; readonly every: number; readonly decay: number },
): StatefulGradient<P, Batch, M> {
  return {
    init: (params) => ({ step: tf.scalar(0, "int32"), mean: mapTree(tf.zerosLike, params) }),
    update: (params, memory, batch, pass) =>
      tidy(() => {
        const { step, mean } = memory as { step: tf.Scalar; mean: P };
        const radius = tf.where(tf.equal(tf.mod(step, every), 0), rho, 0);
        const scale = tf.divNoNan(radius, globalNorm(mean));
        const perturbed = mapTree((w, m) => tf.add(w, tf.mul(m, scale)), params, mean);
        const found = gradient(perturbed, batch, pass);
        const next = mapTree(
          (m, g) => tf.add(tf.mul(m, decay), tf.mul(g, 1 - decay)),
          mean,
          found.grads,
        );
        return [found, { step: tf.add(step, tf.scalar(1, "int32")), mean: next }];
      }),
  };
}
