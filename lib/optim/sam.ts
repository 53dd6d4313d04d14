import { tidy, type Tree } from "../tensorflow/mod.ts";
import { checkGradientFunction } from "./_check_function.ts";
import { climb } from "./_climb.ts";
import { checkRho, type SamOptions } from "./_sam_options.ts";
import { loggedLoss, type SamStatistics, samStatistics } from "./_sam_statistics.ts";
import type { GradientFunction, Metrics } from "./types.ts";

export type { SamOptions, SamStatistics };

/**
 * Sharpness-aware minimization as a transformation of a gradient function: the gradient at the
 * point within ρ of the parameters where the loss, to first order, is highest.
 *
 * Batch statistics are those of the first pass, at the parameters themselves; loss and metrics
 * those of the second. Both passes get the same batch and seed, and so the same random numbers; the
 * first is told that SAM climbs by it. With ρ = 0 it is the gradient function itself. A gradient of
 * zero perturbs nothing.
 *
 * ```ts
 * import { optim, tf, train } from "sam";
 *
 * const loss = ({ w }: { w: tf.Tensor }, x: tf.Tensor) => tf.mean(tf.square(tf.sub(x, w)));
 * const gradient = optim.sam(optim.valueAndGrad(loss), { rho: 0.05 });
 * const { init, step } = train.trainStep(gradient, optim.sgd(0.1));
 * ```
 *
 * Source: Foret et al. 2021, Algorithm 1 and equation (2); `train_step` in `flax_training.py` of
 * the reference.
 *
 * @throws TypeError for anything else than a gradient function
 * @throws RangeError if ρ is negative or not finite
 */
export function sam<P extends Tree, Batch, M extends Metrics>(
  gradient: GradientFunction<P, Batch, M>,
  { rho, statistics = false }: SamOptions,
): GradientFunction<P, Batch, M> {
  checkGradientFunction("perturb", gradient);
  checkRho(rho);
  if (rho === 0) return gradient;
  return (params, batch, pass) =>
    tidy(() => {
      // Climb to w + ε(w), with ε(w) = ρ · g / ‖g‖₂.
      const clean = gradient(params, batch, { ...pass, ascent: true });
      const { grads, state } = clean;
      const perturbed = climb(params, grads, rho);
      // The descent at w uses the gradient found there.
      const found = gradient(perturbed, batch, pass);
      if (!statistics) return { ...found, state };
      const told = samStatistics([grads], [found.grads], {
        rho,
        cleanLoss: loggedLoss(clean),
        perturbedLoss: loggedLoss(found),
      });
      return { ...found, state, metrics: { ...found.metrics, ...told } };
    });
}
