import {
  crossEntropy as meanCrossEntropy,
  errorRate,
  type Model,
  weightDecay as halfSquaredNorm,
  type WeightDecayScope,
} from "../nn/mod.ts";
import type { LossFunction } from "../optim/mod.ts";
import { type random, type TensorRecord, tf } from "../tensorflow/mod.ts";

/** A batch for training or evaluation. */
export interface Batch {
  /** float32 [batch, height, width, channels], normalised. */
  readonly images: tf.Tensor;
  /** float32 [batch, classes]: one-hot, or any distribution over the classes. */
  readonly labels: tf.Tensor;
}

/** Options of {@linkcode crossEntropy}. */
export interface CrossEntropyOptions {
  /** α of label smoothing; default 0. */
  readonly labelSmoothing?: number;
  /** λ of ½ λ ‖w‖²; default 0. */
  readonly weightDecay?: number;
  /** Parameters that weight decay counts; default all, as the reference. */
  readonly weightDecayScope?: WeightDecayScope;
}

/**
 * The training loss of a classifier: cross-entropy with label smoothing plus ½ λ ‖w‖², as weight
 * decay is a part of the loss in the reference, and hence of SAM's ascent direction.
 *
 * SAM climbs it by the true gradient of layers that shake.
 *
 * The metrics are `loss`, the cross-entropy without weight decay, and `error`, the top-1 error.
 *
 * With parameters for each of several groups of examples it is the mean of the groups' losses, batch
 * statistics being those of all groups: what `optim.synchronizedMSharpness` needs.
 *
 * Source: `train_step` in `flax_training.py` of the reference.
 *
 * @throws RangeError for a negative weight decay
 */
export function crossEntropy<P extends TensorRecord | readonly TensorRecord[] = TensorRecord>(
  model: Model,
  { labelSmoothing = 0, weightDecay = 0, weightDecayScope = "all" }: CrossEntropyOptions = {},
): LossFunction<P, [state: TensorRecord, batch: Batch, seed: random.Seed]> {
  if (!(weightDecay >= 0)) {
    throw new RangeError(`Cannot decay weights by ${weightDecay}: it must be >= 0`);
  }
  type Arguments = [state: TensorRecord, batch: Batch, seed: random.Seed];
  const lossOf =
    (trueGradient: boolean) => (params: P, ...[state, { images, labels }, seed]: Arguments) => {
      const pass = model.apply({ params, state }, images, { train: true, seed, trueGradient });
      const loss = meanCrossEntropy(pass.output, labels, { labelSmoothing });
      const error = errorRate(pass.output, labels);
      const groups = Array.isArray(params) ? params.length : 1;
      const penalty = weightDecay === 0
        ? undefined
        : tf.mul(halfSquaredNorm(params, weightDecayScope), weightDecay / groups);
      return {
        loss: (penalty === undefined ? loss : tf.add(loss, penalty)) as tf.Scalar,
        state: pass.state,
        // A copy: the loss itself stays with the tape.
        metrics: { loss: loss.clone(), error },
      };
    };
  return Object.assign(lossOf(false), { ascent: lossOf(true) });
}
