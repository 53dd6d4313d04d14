import { mapTree, tf, type Tree } from "../tensorflow/mod.ts";
import { globalNorm } from "./global_norm.ts";

/**
 * w + ε(w), with ε(w) = ρ · g / ‖g‖₂, the norm that of the whole tree; w itself where the gradient is
 * zero.
 *
 * @throws TypeError for grads that are none, as where a loss stands in place of its gradient
 *
 * Source: Foret et al. 2021, equation (2).
 */
export function climb<P extends Tree>(params: P, grads: P, rho: number): P {
  if ((grads as unknown) === undefined) {
    throw new TypeError(
      "Cannot climb without a gradient: sam takes what valueAndGrad makes of a loss, not the loss itself",
    );
  }
  const scale = tf.divNoNan(rho, globalNorm(grads));
  return mapTree((w, g) => tf.add(w, tf.mul(g, scale)), params, grads);
}
