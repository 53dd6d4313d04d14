import { leaves, tf, type Tree } from "../tensorflow/mod.ts";
import { globalNorm } from "./global_norm.ts";
import type { Gradient, Metrics } from "./types.ts";

/** What SAM's two passes tell of the loss around the parameters; scalars of one step. */
export type SamStatistics = {
  /** Loss at the parameters, as it is logged: without weight decay, where that is apart. */
  readonly samCleanLoss: tf.Scalar;
  /** The same at the perturbed parameters. */
  readonly samPerturbedLoss: tf.Scalar;
  /** What the second is more: the sharpness that SAM minimises (Foret et al. 2021, equation 1). */
  readonly samLossGap: tf.Scalar;
  /** L2 norms of the gradients of both passes, before clipping. */
  readonly samCleanGradientNorm: tf.Scalar;
  readonly samPerturbedGradientNorm: tf.Scalar;
  /** L2 norm of the perturbation: ρ, and 0 where the gradient is 0. */
  readonly samPerturbationNorm: tf.Scalar;
  /** Cosine of the angle between both gradients. */
  readonly samGradientCosine: tf.Scalar;
};

/** What is known besides the gradients. */
interface Known {
  readonly rho: number;
  readonly cleanLoss: tf.Scalar;
  readonly perturbedLoss: tf.Scalar;
}

/** @param clean gradients of each group that climbs by itself, and of the same `perturbed` */
export function samStatistics<P extends Tree>(
  clean: readonly P[],
  perturbed: readonly P[],
  { rho, cleanLoss, perturbedLoss }: Known,
): SamStatistics {
  const mean = (scalars: readonly tf.Scalar[]) =>
    tf.div(tf.addN([...scalars]), scalars.length) as tf.Scalar;
  const cleanNorms = clean.map(globalNorm);
  const perturbedNorms = perturbed.map(globalNorm);
  const cosines = clean.map((grads, index) =>
    tf.divNoNan(
      dot(grads, perturbed[index]!),
      tf.mul(cleanNorms[index]!, perturbedNorms[index]!),
    ) as tf.Scalar
  );
  return {
    samCleanLoss: cleanLoss,
    samPerturbedLoss: perturbedLoss,
    samLossGap: tf.sub(perturbedLoss, cleanLoss),
    samCleanGradientNorm: mean(cleanNorms),
    samPerturbedGradientNorm: mean(perturbedNorms),
    samPerturbationNorm: mean(
      cleanNorms.map((norm) => tf.mul(norm, tf.divNoNan(rho, norm)) as tf.Scalar),
    ),
    samGradientCosine: mean(cosines),
  };
}

/** The loss that a run logs. */
export function loggedLoss({ loss, metrics }: Gradient<Tree, Metrics>): tf.Scalar {
  return (metrics.loss ?? loss) as tf.Scalar;
}

function dot(a: Tree, b: Tree): tf.Tensor {
  const others = leaves(b);
  return tf.addN(leaves(a).map((leaf, index) => tf.sum(tf.mul(leaf, others[index]!))));
}
