/** Normalisation by the statistics of a batch, that of this process alone or of several. @module */
import { attribute, backend, DType, tf } from "../tensorflow/mod.ts";
import { withGradient } from "./_with_gradient.ts";

/** What is done to each channel in the end. */
export interface Affine {
  readonly scale: tf.Tensor1D;
  readonly bias: tf.Tensor1D;
}

/** A normalised batch, and its statistics, which carry no gradient. */
export interface Normalized {
  readonly output: tf.Tensor4D;
  readonly mean: tf.Tensor;
  /** Biased. */
  readonly variance: tf.Tensor;
}

/** The mean of a tensor over all processes that share a batch, a share of the same size each. */
export type MeanOverAll = (own: tf.Tensor) => tf.Tensor;

/** By the statistics of these examples: TensorFlow's fused kernel with its gradient. */
export function normalize(x: tf.Tensor4D, { scale, bias }: Affine, epsilon: number): Normalized {
  let statistics: tf.Tensor[] = [];
  const output = withGradient(
    [x, scale, bias],
    (x, scale, bias) => {
      const none = tf.zeros([0]);
      const [value, mean, variance, ...reserved] = backend.run(
        "FusedBatchNormV3",
        [...attributesOf(epsilon, true), attribute.float("exponential_avg_factor", 1)],
        [x, scale, bias, none, none] as tf.Tensor[],
        6,
      );
      statistics = [tf.keep(mean!), tf.keep(variance!)];
      return { value: value!, saved: [x!, scale!, ...reserved] };
    },
    (dy, saved) =>
      backend.run("FusedBatchNormGradV3", attributesOf(epsilon, true), [dy, ...saved], 5)
        .slice(0, 3),
  ) as tf.Tensor4D;
  const [mean, variance] = statistics.map(untracked);
  return { output, mean: mean!, variance: biased(variance!, x) };
}

/**
 * By the statistics of the examples of all processes. Each differentiates its own loss: what the losses
 * of the others owe to its part of the statistics is in its gradient as JAX transposes `pmean`, so that
 * the mean of all gradients is the gradient of the mean of all losses.
 *
 * Two sums over the processes: of statistics in the pass, of what flows back to them in the gradient.
 */
export function normalizeOverAll(
  x: tf.Tensor4D,
  { scale, bias }: Affine,
  epsilon: number,
  meanOverAll: MeanOverAll,
): Normalized {
  const channels = x.shape[3];
  let statistics: tf.Tensor[] = [];
  const output = withGradient(
    [x, scale, bias],
    (x, scale, bias) => {
      const image = x as tf.Tensor4D;
      const plain = { scale: tf.ones([channels]), bias: tf.zeros([channels]) } as Affine;
      const own = normalize(image, plain, epsilon);
      const squares = tf.add(own.variance, tf.square(own.mean));
      const [mean, meanSquare] = tf.split(meanOverAll(tf.concat([own.mean, squares])), 2);
      const variance = tf.relu(tf.sub(meanSquare!, tf.square(mean!)));
      const [value] = backend.run(
        "FusedBatchNormV3",
        attributesOf(epsilon, false),
        [x, scale, bias, mean, variance] as tf.Tensor[],
        6,
      );
      statistics = [tf.keep(mean!), tf.keep(variance)];
      return { value: value!, saved: [image, scale!, mean!, variance] };
    },
    (dy, saved) => {
      const [x, scale, mean, variance] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      // With fixed statistics; the sums over examples are those that the others need.
      const [fixed, scaleGradient, biasGradient] = backend.run(
        "FusedBatchNormGradV3",
        attributesOf(epsilon, false),
        [dy, x, scale, mean, variance, tf.zeros([0])],
        5,
      ) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const count = examplesOf(x);
      // Each process has a scale of its own where it has climbed by itself.
      const scaled = [biasGradient, scaleGradient].map((sum) => tf.div(tf.mul(sum, scale), count));
      const [toMean, toSpread] = tf.split(meanOverAll(tf.concat(scaled)), 2) as [
        tf.Tensor,
        tf.Tensor,
      ];
      const inverse = tf.rsqrt(tf.add(variance, epsilon));
      // dx − 1 / σ · (toMean + (x − mean) / σ · toSpread)
      const slope = tf.mul(tf.square(inverse), toSpread);
      const offset = tf.sub(tf.mul(inverse, toMean), tf.mul(slope, mean));
      return [tf.sub(fixed, tf.add(tf.mul(x, slope), offset)), scaleGradient, biasGradient];
    },
  ) as tf.Tensor4D;
  const [mean, variance] = statistics.map(untracked);
  return { output, mean: mean!, variance: variance! };
}

function attributesOf(epsilon: number, isTraining: boolean) {
  return [
    attribute.type("T", DType.float32),
    attribute.type("U", DType.float32),
    attribute.float("epsilon", epsilon),
    attribute.bool("is_training", isTraining),
    attribute.string("data_format", "NHWC"),
  ];
}

/** The kernel's variance is an unbiased estimate (Bessel's correction). */
function biased(variance: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const count = examplesOf(x);
  return tf.mul(variance, (count - 1) / count);
}

/** Values of a channel. */
function examplesOf({ shape: [batch, height, width] }: tf.Tensor): number {
  return batch! * height! * width!;
}

/** Hands a kept tensor back to the current scope. */
function untracked(kept: tf.Tensor): tf.Tensor {
  const tensor = kept.clone();
  kept.dispose();
  return tensor;
}
