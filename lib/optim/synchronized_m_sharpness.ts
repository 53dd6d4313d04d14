import { mapTree, tf, tidy, type Tree } from "../tensorflow/mod.ts";
import { type BatchArguments, checkM, countGroups, type MSharpnessOptions } from "./_groups.ts";
import { checkRho, type SamOptions } from "./_sam_options.ts";
import { globalNorm } from "./global_norm.ts";
import type { GradientFunction } from "./types.ts";

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
 * @param gradient of the mean over all groups' losses, with respect to the parameters of each, such as
 *   `valueAndGrad(crossEntropy<readonly TensorRecord[]>(model))`
 * @throws RangeError if ρ is negative or not finite, if m is not a positive integer, or (when called)
 *   does not divide the batch
 */
export function synchronizedMSharpness<P extends Tree, Args extends BatchArguments>(
  gradient: GradientFunction<readonly P[], Args>,
  { rho, m }: SamOptions & MSharpnessOptions,
): GradientFunction<P, Args> {
  checkRho(rho);
  checkM(m);
  return (params, ...args) =>
    tidy(() => {
      const count = countGroups(args[1], m);
      if (rho === 0) return summed(gradient([params], ...args));
      // Copies, as the gradient tells parameters apart by their tensors.
      const groups = Array.from({ length: count }, () => mapTree((w) => w.clone(), params));
      const { grads, state } = (gradient.ascent ?? gradient)(groups, ...args);
      const perturbed = grads.map((grads) => climb(params, grads, rho));
      return { ...summed(gradient(perturbed, ...args)), state };
    });
}

/** w + ε(w), with ε(w) = ρ · g / ‖g‖₂. */
function climb<P extends Tree>(params: P, grads: P, rho: number): P {
  const scale = tf.divNoNan(rho, globalNorm(grads));
  return mapTree((w, g) => tf.add(w, tf.mul(g, scale)), params, grads);
}

/** The gradient with respect to parameters that the groups share. */
function summed<P extends Tree, Found extends { readonly grads: readonly P[] }>(
  found: Found,
): Omit<Found, "grads"> & { readonly grads: P } {
  const [first, ...others] = found.grads;
  return { ...found, grads: mapTree((...tensors) => tf.addN(tensors), first!, ...others) };
}
