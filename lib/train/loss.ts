import {
  crossEntropy,
  entropy,
  errorRate,
  type Model,
  weightDecay as halfSquaredNorm,
  type WeightDecayScope,
} from "../nn/mod.ts";
import type { LossFunction } from "../optim/mod.ts";
import { type TensorRecord, tf } from "../tensorflow/mod.ts";

/** A batch of images for training or evaluation. */
export type Batch = {
  /** float32 [batch, height, width, channels], normalised. */
  readonly images: tf.Tensor;
  /** float32 [batch, classes]: one-hot, or any distribution over the classes. */
  readonly labels: tf.Tensor;
};

/** What {@linkcode crossEntropy} measures. */
export type CrossEntropyMetrics = {
  /** The cross-entropy without weight decay. */
  readonly loss: tf.Scalar;
  /** The top-1 error, a fraction. */
  readonly error: tf.Scalar;
};

/** Options of {@linkcode crossEntropy}. */
export interface CrossEntropyOptions {
  /** α of label smoothing; default 0. */
  readonly labelSmoothing?: number;
  /** Share of the network's own predictions in the targets, 1 − β of soft bootstrapping; default 0. */
  readonly bootstrapping?: number;
  /** λ of ½ λ ‖w‖²; default 0. */
  readonly weightDecay?: number;
  /** Parameters that weight decay counts; default all, as the reference. */
  readonly weightDecayScope?: WeightDecayScope;
  /** For batch norm over several processes, see `nn.ApplyOptions`; default over this one's examples. */
  readonly meanOverAll?: ((own: tf.Tensor) => tf.Tensor) | undefined;
}

/**
 * The training loss of a classifier: cross-entropy with label smoothing plus ½ λ ‖w‖², as weight
 * decay is a part of the loss in the reference, and hence of SAM's ascent direction.
 *
 * With bootstrapping the targets are (1 − b) t + b q for labels t and predictions q, so that the loss is
 * (1 − b) cross-entropy + b entropy of the predictions, through both of which gradients flow (soft
 * bootstrapping, equation 6 of Reed et al. 2015, "Training deep neural networks on noisy labels with
 * bootstrapping", where b is 1 − β, 0.05).
 *
 * SAM climbs it by the true gradient of layers that shake.
 *
 * The metrics are `loss`, the cross-entropy without bootstrapping and weight decay, and `error`, the top-1 error.
 *
 * With parameters for each of several groups of examples it is the mean of the groups' losses, batch
 * statistics being those of all groups: what `optim.synchronizedMSharpness` needs.
 *
 * ```ts
 * import { models, optim, train } from "sam";
 *
 * const model = models.wideResNet({ depth: 10, width: 1, classes: 10 });
 * const loss = train.crossEntropyLoss(model, { labelSmoothing: 0.1, weightDecay: 5e-4 });
 * const gradient = optim.sam(optim.valueAndGrad(loss), { rho: 0.05 });
 * ```
 *
 * Source: `train_step` in `flax_training.py` of the reference.
 *
 * @param model one of `nn.model`, or any object with such an `apply`
 * @throws RangeError for a negative weight decay, and a share of predictions outside [0, 1]
 */
export function crossEntropyLoss<P extends TensorRecord | readonly TensorRecord[] = TensorRecord>(
  model: Pick<Model, "apply">,
  {
    labelSmoothing = 0,
    bootstrapping = 0,
    weightDecay = 0,
    weightDecayScope = "all",
    meanOverAll,
  }: CrossEntropyOptions = {},
): LossFunction<P, Batch, CrossEntropyMetrics> {
  if (!(weightDecay >= 0)) {
    throw new RangeError(`Cannot decay weights by ${weightDecay}: it must be >= 0`);
  }
  if (!(bootstrapping >= 0 && bootstrapping <= 1)) {
    throw new RangeError(`Cannot bootstrap by ${bootstrapping}: it must be in [0, 1]`);
  }
  return (params, { images, labels }, { state, seed, ascent = false, evaluate = false }) => {
    const options = { train: !evaluate, seed, trueGradient: ascent, meanOverAll };
    const pass = model.apply({ params, state }, images, options);
    const loss = crossEntropy(pass.output, labels, { labelSmoothing });
    const error = errorRate(pass.output, labels);
    const groups = Array.isArray(params) ? params.length : 1;
    const penalty = weightDecay === 0
      ? undefined
      : tf.mul(halfSquaredNorm(params, weightDecayScope), weightDecay / groups);
    const fitted = bootstrapping === 0
      ? loss
      : tf.add(tf.mul(loss, 1 - bootstrapping), tf.mul(entropy(pass.output), bootstrapping));
    return {
      loss: (penalty === undefined ? fitted : tf.add(fitted, penalty)) as tf.Scalar,
      state: pass.state,
      // A copy: the loss itself stays with the tape.
      metrics: { loss: loss.clone(), error },
    };
  };
}
