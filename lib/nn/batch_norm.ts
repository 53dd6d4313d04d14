import { attribute, backend, DType, tf } from "../tensorflow/mod.ts";
import { checkRank, IMAGES } from "./_check.ts";
import { withGradient } from "./_with_gradient.ts";
import { type Initializer, ones, zeros } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/** Options of {@linkcode batchNorm}; the defaults are the reference's for its CIFAR models. */
export interface BatchNormOptions {
  /** Weight of the old running statistics in the new ones. */
  readonly momentum?: number;
  /** Added to the variance. */
  readonly epsilon?: number;
  /** Whether training uses the running statistics too, and leaves them; default false. */
  readonly frozen?: boolean;
  /** Of `scale`; default ones. */
  readonly initializer?: Initializer;
}

/**
 * Batch normalisation over batch, height and width of `input` [batch, height, width, channels]:
 * (x − mean) / √(var + ε) · `scale` + `bias`.
 *
 * In training the statistics are those of the batch, and the state `mean`, `var` becomes
 * momentum · old + (1 − momentum) · batch's, with the biased variance; else they are the state's.
 *
 * Source: `flax.nn.BatchNorm` 0.2.2, which the reference uses; Ioffe and Szegedy 2015.
 *
 * @throws RangeError for a momentum outside [0, 1], an epsilon that is not positive, or an input
 *   that is not of rank 4
 */
export function batchNorm(
  scope: Scope,
  input: tf.Tensor,
  { momentum = 0.9, epsilon = 1e-5, frozen = false, initializer = ones }: BatchNormOptions = {},
): tf.Tensor4D {
  if (!(momentum >= 0 && momentum <= 1)) {
    throw new RangeError(`Cannot normalize with momentum ${momentum}: it must be in [0, 1]`);
  }
  if (!(epsilon > 0 && epsilon < Infinity)) {
    throw new RangeError(`Cannot normalize with epsilon ${epsilon}: it must be above 0`);
  }
  checkRank("normalize", input, IMAGES);
  const shape = [input.shape[3]!];
  const scale = scope.param("scale", shape, initializer);
  const bias = scope.param("bias", shape, zeros);
  const mean = scope.state("mean", shape, zeros);
  const variance = scope.state("var", shape, ones);
  const x = input as tf.Tensor4D;
  if (!scope.train || frozen) {
    return scope.layer(tf.batchNorm(
      x,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      bias as tf.Tensor1D,
      scale as tf.Tensor1D,
      epsilon,
    ));
  }
  const batch = normalize(x, scale, bias, epsilon);
  const updated = (old: tf.Tensor, now: tf.Tensor) =>
    tf.add(tf.mul(old, momentum), tf.mul(now, 1 - momentum));
  scope.setState("mean", updated(mean, batch.mean));
  scope.setState("var", updated(variance, batch.variance));
  return scope.layer(batch.output);
}

/** TensorFlow's fused kernel with its gradient, and the statistics, which carry no gradient. */
function normalize(x: tf.Tensor4D, scale: tf.Tensor, bias: tf.Tensor, epsilon: number) {
  const types = [
    attribute.type("T", DType.float32),
    attribute.type("U", DType.float32),
    attribute.float("epsilon", epsilon),
    attribute.bool("is_training", true),
    attribute.string("data_format", "NHWC"),
  ];
  const forward = [...types, attribute.float("exponential_avg_factor", 1)];
  let statistics: tf.Tensor[] = [];
  const output = withGradient(
    [x, scale, bias],
    (x, scale, bias) => {
      const none = tf.zeros([0]);
      const inputs = [x, scale, bias, none, none] as tf.Tensor[];
      const [value, mean, variance, ...reserved] = backend.run(
        "FusedBatchNormV3",
        forward,
        inputs,
        6,
      );
      statistics = [tf.keep(mean!), tf.keep(variance!)];
      return { value: value!, saved: [x!, scale!, ...reserved] };
    },
    (dy, saved) => backend.run("FusedBatchNormGradV3", types, [dy, ...saved], 5).slice(0, 3),
  ) as tf.Tensor4D;
  const [mean, variance] = statistics.map(untracked);
  // The kernel returns the variance as an unbiased estimate (Bessel's correction).
  const count = x.shape[0] * x.shape[1] * x.shape[2];
  return { output, mean: mean!, variance: tf.mul(variance!, (count - 1) / count) };
}

/** Hands a kept tensor back to the current scope. */
function untracked(kept: tf.Tensor): tf.Tensor {
  const tensor = kept.clone();
  kept.dispose();
  return tensor;
}
