import {
  atPlace,
  backend,
  enterPlace,
  leaves,
  mapTree,
  type TensorRecord,
  tf,
  tidy,
  type Tree,
  withLeaves,
} from "../tensorflow/mod.ts";
import { lossParts } from "./loss_parts.ts";
import type { GradientFunction, LossFunction, Metrics } from "./types.ts";

/**
 * The loss together with its gradients with respect to the parameters (the first argument).
 *
 * A parameter that the loss does not depend on has a gradient of zeros. All tensors of the result
 * are new, and the caller's. Gradients are float32 whatever the precision of the pass is.
 *
 * ```ts
 * import { optim, random, tf } from "sam";
 *
 * const loss = ({ w }: { w: tf.Tensor }, x: tf.Tensor) => tf.sum(tf.mul(tf.square(w), x));
 * const gradient = optim.valueAndGrad(loss);
 * const pass = { state: {}, seed: random.seed(0) };
 * const { grads } = gradient({ w: tf.tensor1d([1, 2]) }, tf.tensor1d([3, 4]), pass);
 * console.log(grads.w.dataSync()); // 6, 16
 * ```
 *
 * @throws TypeError for a loss that is no function
 * @throws TypeError (when called) if the loss gives neither a scalar nor `{ loss, state?, metrics? }`
 *   with scalars
 */
export function valueAndGrad<P extends Tree, Batch, M extends Metrics = Metrics>(
  loss: LossFunction<P, Batch, M>,
): GradientFunction<P, Batch, M> {
  if (typeof loss !== "function") {
    throw new TypeError(
      `Cannot differentiate ${loss}: give a loss, a function of parameters and a batch`,
    );
  }
  return (params, batch, pass) =>
    tidy(() => {
      const points = leaves(params);
      let kept: { readonly state: TensorRecord; readonly metrics: Metrics } | undefined;
      let wrong: unknown;
      const forward = () => {
        const returned = loss(params, batch, pass);
        try {
          const { loss: value, state = pass.state, metrics = {} } = lossParts(returned);
          // The scope of the tape disposes what is made in it. What is not may be the caller's own.
          kept = {
            state: mapTree((tensor) => tf.keep(tensor.clone()), state),
            metrics: mapTree((metric) => tf.keep(asFloat(metric)), metrics),
          };
          enterPlace({ isBackward: true, layer: "" });
          return value;
        } catch (error) {
          // The tape would leave what it has saved.
          wrong = error;
          return tf.scalar(0);
        }
      };
      const { value, grads } = atPlace(
        { pass: pass.ascent ? "ascent" : "descent", isBackward: false, layer: "" },
        () => tf.engine().gradients(forward, points, undefined, true),
      );
      if (kept === undefined) throw wrong;
      const { state, metrics } = mapTree(handBack, kept);
      const filled = points.map((point, index) => grads[index] ?? tf.zerosLike(point));
      for (const gradient of filled) backend.widen(gradient);
      return {
        loss: value as tf.Scalar,
        state,
        metrics: metrics as M,
        grads: withLeaves(params, filled),
      };
    });
}

/** A metric as the float32 that means are made of: a new tensor. */
function asFloat(metric: tf.Tensor): tf.Tensor {
  return metric.dtype === "float32" ? metric.clone() : tf.cast(metric, "float32");
}

/** Puts a kept tensor under the care of the current scope. */
function handBack(kept: tf.Tensor): tf.Tensor {
  const tensor = kept.clone();
  kept.dispose();
  return tensor;
}
