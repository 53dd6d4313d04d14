import type { Gradient, GradientFunction, Metrics } from "../optim/mod.ts";
import { tidy, type Tree } from "../tensorflow/mod.ts";
import type { Workers } from "./workers.ts";

/** Options of {@linkcode meanOverWorkers} and {@linkcode Workers.meanOf}. */
export interface MeanOptions {
  /**
   * Over so many workers of neighbouring ranks, which divides their number; default all.
   */
  readonly of?: number;
  /** Only the gradient that SAM climbs by, and what else that pass gives; default both. */
  readonly ascentOnly?: boolean;
}

/**
 * A gradient function on the shares of all workers: each has a share of the batch, and all get the mean
 * of their gradients, states, losses and metrics. `sam` of it climbs by the whole batch's gradient, as
 * with the reference's `sync_perturbations`; it of `sam` lets each worker climb by its own, as without.
 *
 * For a function that is compiled: all workers have to run the same one, at the same time.
 *
 * ```ts
 * import { distributed, optim, tf } from "sam";
 *
 * const loss = ({ w }: { w: tf.Tensor }, x: tf.Tensor) => tf.mean(tf.square(tf.sub(x, w)));
 * const own = optim.sam(optim.valueAndGrad(loss), { rho: 0.05 });
 * const cluster = distributed.clusterFrom(); // of TF_CONFIG; undefined for a single process
 * using workers = cluster && await distributed.Workers.connect(cluster);
 * const gradient = workers === undefined ? own : distributed.meanOverWorkers(own, workers);
 * ```
 *
 * Source: `train_step` in `flax_training.py` of the reference, `jax.lax.pmean(grad, 'batch')`.
 */
export function meanOverWorkers<P extends Tree, Batch, M extends Metrics>(
  gradient: GradientFunction<P, Batch, M>,
  workers: Workers,
  { of, ascentOnly = false }: MeanOptions = {},
): GradientFunction<P, Batch, M> {
  return (params, batch, pass) =>
    tidy(() => {
      const found = gradient(params, batch, pass);
      if (ascentOnly && !pass.ascent) return found;
      return workers.meanOf(found as unknown as Tree, { of }) as unknown as Gradient<P, M>;
    });
}
