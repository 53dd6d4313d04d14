import { mapTree, tf, tidy, type Tree } from "../tensorflow/mod.ts";
import { checkGradientFunction } from "./_check_function.ts";
import { climb } from "./_climb.ts";
import { checkM, countGroups, type MSharpnessOptions } from "./_groups.ts";
import { checkRho, type SamOptions } from "./_sam_options.ts";
import { loggedLoss, samStatistics } from "./_sam_statistics.ts";
import type { Gradient, GradientFunction, Metrics } from "./types.ts";

/**
 * SAM with m-sharpness and synchronised batch norm: each group of m examples climbs by its own
 * gradient, as in {@linkcode mSharpness}, while in both passes all groups are normalised by the
 * statistics of the whole batch. So it is with the EfficientNets on the reference's replicas
 * (`axis_name='batch'` in `sam_jax/efficientnet/efficientnet.py`).
 *
 * The groups so depend on each other, and pass together through a loss with parameters for each of
 * them. A group's gradient is that of all groups' losses with respect to its own parameters: what the
 * others' losses owe to its part of the statistics is in it, as JAX transposes `pmean`.
 *
 * Batch statistics are those of the first pass, loss and metrics those of the second. With m the size
 * of the batch it is `sam`; with ρ = 0 it is the gradient of the whole batch.
 *
 * Source: Foret et al. 2021, section 4.1 and Algorithm 1; `train_step` in `flax_training.py` of the
 * reference, without `sync_perturbations`.
 *
 * ```ts
 * import { models, optim, type TensorRecord, train } from "sam";
 *
 * const model = models.wideResNet({ depth: 10, width: 1, classes: 10 });
 * const loss = train.crossEntropyLoss<readonly TensorRecord[]>(model);
 * const gradient = optim.synchronizedMSharpness(optim.valueAndGrad(loss), { rho: 0.05, m: 16 });
 * ```
 *
 * @param gradient of the mean over all groups' losses, with respect to the parameters of each, such as
 *   `valueAndGrad(crossEntropy<readonly TensorRecord[]>(model))`
 * @throws TypeError for anything else than a gradient function
 * @throws RangeError if ρ is negative or not finite, if m is not a positive integer, or (when called)
 *   does not divide the batch
 */
export function synchronizedMSharpness<P extends Tree, Batch, M extends Metrics>(
  gradient: GradientFunction<readonly P[], Batch, M>,
  { rho, m, statistics = false }: SamOptions & MSharpnessOptions,
): GradientFunction<P, Batch, M> {
  checkGradientFunction("divide", gradient);
  checkRho(rho);
  checkM(m);
  return (params, batch, pass) =>
    tidy(() => {
      const count = countGroups(batch as Tree, m);
      if (rho === 0) return summed(gradient([params], batch, pass));
      // Copies, as the gradient tells parameters apart by their tensors.
      const groups = Array.from({ length: count }, () => mapTree((w) => w.clone(), params));
      const clean = gradient(groups, batch, { ...pass, ascent: true });
      const { grads, state } = clean;
      const perturbed = grads.map((grads) => climb(params, grads, rho));
      const found = gradient(perturbed, batch, pass);
      const step = { ...summed(found), state };
      if (!statistics) return step;
      // A group's gradient is that of the mean over all groups.
      const own = (grads: readonly P[]) =>
        grads.map((tree) => mapTree((leaf) => tf.mul(leaf, count), tree));
      const told = samStatistics(own(grads), own(found.grads), {
        rho,
        cleanLoss: loggedLoss(clean),
        perturbedLoss: loggedLoss(found),
      });
      return { ...step, metrics: { ...step.metrics, ...told } };
    });
}

/** The gradient with respect to parameters that the groups share. */
function summed<P extends Tree, M extends Metrics>(
  found: Gradient<readonly P[], M>,
): Gradient<P, M> {
  const [first, ...others] = found.grads;
  return { ...found, grads: mapTree((...tensors) => tf.addN(tensors), first!, ...others) };
}
