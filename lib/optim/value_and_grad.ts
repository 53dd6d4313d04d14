import { backend, leaves, mapTree, tf, tidy, type Tree, withLeaves } from "../tensorflow/mod.ts";
import type { GradientFunction, Loss, LossFunction } from "./types.ts";

/**
 * The loss together with its gradients with respect to the parameters (the first argument).
 *
 * A parameter that the loss does not depend on has a gradient of zeros. All tensors of the result
 * are new, and the caller's. Gradients are float32 whatever the precision of the pass is.
 *
 * @throws TypeError (when called) if the loss is not a scalar
 */
export function valueAndGrad<P extends Tree, Args extends readonly unknown[]>(
  loss: LossFunction<P, Args>,
): GradientFunction<P, Args> {
  const { ascent } = loss;
  return Object.assign(differentiate(loss), ascent && { ascent: differentiate(ascent) });
}

function differentiate<P extends Tree, Args extends readonly unknown[]>(
  loss: (params: P, ...args: Args) => Loss,
) {
  return (params: P, ...args: Args) =>
    tidy(() => {
      const points = leaves(params);
      let kept: Omit<Loss, "loss"> | undefined;
      const forward = () => {
        const { loss: value, ...others } = loss(params, ...args);
        // The scope of the tape disposes what is made in it. What is not may be the caller's own.
        kept = mapLoss((tensor) => tf.keep(tensor.clone()), others);
        return value;
      };
      const { value, grads } = tf.engine().gradients(forward, points, undefined, true);
      const others = mapLoss(handBack, kept!);
      if (value.rank !== 0) {
        throw new TypeError(`Cannot differentiate a loss of shape [${value.shape}]: not a scalar`);
      }
      const filled = points.map((point, index) => grads[index] ?? tf.zerosLike(point));
      for (const gradient of filled) backend.widen(gradient);
      return { loss: value as tf.Scalar, ...others, grads: withLeaves(params, filled) };
    });
}

function mapLoss<L extends Omit<Loss, "loss">>(fn: (tensor: tf.Tensor) => tf.Tensor, loss: L): L {
  return mapTree(fn, loss as unknown as Tree) as unknown as L;
}

/** Puts a kept tensor under the care of the current scope. */
function handBack(kept: tf.Tensor): tf.Tensor {
  const tensor = kept.clone();
  kept.dispose();
  return tensor;
}
