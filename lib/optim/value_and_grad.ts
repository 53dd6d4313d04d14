import { leaves, mapTree, tf, type Tree, withLeaves } from "../tensorflow/mod.ts";
import type { GradientFunction, Loss, LossFunction } from "./types.ts";

/**
 * The loss together with its gradients with respect to the parameters (the first argument).
 *
 * A parameter that the loss does not depend on has a gradient of zeros.
 */
export function valueAndGrad<P extends Tree, Args extends readonly unknown[]>(
  loss: LossFunction<P, Args>,
): GradientFunction<P, Args> {
  return (params, ...args) => {
    let kept: Omit<Loss, "loss"> | undefined;
    const points = leaves(params);
    const forward = (...at: tf.Tensor[]) => {
      const { loss: value, ...others } = loss(withLeaves(params, at), ...args);
      // Whatever else the pass gives is made inside the tape's scope, which would dispose it.
      leaves(others as unknown as Tree).forEach((tensor) => tf.keep(tensor));
      kept = others;
      return value;
    };
    const { value, grads } = tf.engine().gradients(
      () => forward(...points),
      points,
      undefined,
      true,
    );
    const others = mapTree(handBack, kept as unknown as Tree) as unknown as Omit<Loss, "loss">;
    const filled = points.map((point, index) => grads[index] ?? tf.zerosLike(point));
    return { loss: value as tf.Scalar, ...others, grads: withLeaves(params, filled) };
  };
}

/** Puts a kept tensor under the care of the current scope. */
function handBack(kept: tf.Tensor): tf.Tensor {
  const tensor = kept.clone();
  kept.dispose();
  return tensor;
}
