import { tf } from "../tensorflow/mod.ts";
import { checkRank, IMAGES } from "./_check.ts";
import { type Affine, normalize, normalizeOverAll } from "./_normalize.ts";
import { type Initializer, ones, zeros } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/** Options of {@linkcode batchNorm}; the defaults are the reference's for its CIFAR models. */
export interface BatchNormOptions {
  /** Weight of the old running statistics in the new ones. */
  readonly momentum?: number;
  /** Added to the variance. */
  readonly epsilon?: number;
  /** Whether training, too, uses the running statistics and leaves them unchanged; default false. */
  readonly frozen?: boolean;
  /** Initial values of `scale`; default ones. */
  readonly initializer?: Initializer;
}

/**
 * Batch normalisation over batch, height and width of `input` [batch, height, width, channels]:
 * (x − mean) / √(var + ε) · `scale` + `bias`.
 *
 * In training the statistics are those of the batch, and the state `mean`, `var` becomes
 * momentum · old + (1 − momentum) · batch's, with the biased variance; otherwise they are the state's.
 * Where groups of examples have parameters of their own, the statistics are those of all groups; where
 * several processes share the batch and the pass says so (`meanOverAll`), those of all processes.
 *
 * Source: `flax.nn.BatchNorm` 0.2.2, which the reference uses; Ioffe and Szegedy 2015.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn } from "sam";
 *
 * const layer = nn.model((scope, images) => nn.batchNorm(scope, images));
 * const { params, state } = layer.shapes([8, 4, 4, 3]);
 * assertEquals([...params], [["scale", [3]], ["bias", [3]]]);
 * assertEquals([...state], [["mean", [3]], ["var", [3]]]);
 * ```
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
  const affine = (scope: Scope): Affine => ({
    scale: scope.param("scale", shape, initializer) as tf.Tensor1D,
    bias: scope.param("bias", shape, zeros) as tf.Tensor1D,
  });
  const mean = scope.state("mean", shape, zeros);
  const variance = scope.state("var", shape, ones);
  const x = input as tf.Tensor4D;
  if (!scope.train || frozen) {
    return scope.layer(scope.eachGroup(x, (scope, x) => {
      const { scale, bias } = affine(scope);
      return tf.batchNorm(
        x as tf.Tensor4D,
        mean as tf.Tensor1D,
        variance as tf.Tensor1D,
        bias,
        scale,
        epsilon,
      );
    }));
  }
  const batch = scope.groups === 1
    ? normalizeIn(scope, x, affine(scope), epsilon)
    : normalizeGroups(scope, x, affine, epsilon);
  const updated = (old: tf.Tensor, now: tf.Tensor) =>
    tf.add(tf.mul(old, momentum), tf.mul(now, 1 - momentum));
  scope.setState("mean", updated(mean, batch.mean));
  scope.setState("var", updated(variance, batch.variance));
  return scope.layer(batch.output);
}

/** By the statistics of this process's examples, or of those of all that share the batch. */
function normalizeIn({ meanOverAll }: Scope, x: tf.Tensor4D, affine: Affine, epsilon: number) {
  return meanOverAll === undefined
    ? normalize(x, affine, epsilon)
    : normalizeOverAll(x, affine, epsilon, meanOverAll);
}

/** Normalizes by the statistics of all groups' examples, then applies each group's scale and bias. */
function normalizeGroups(
  scope: Scope,
  x: tf.Tensor4D,
  affine: (scope: Scope) => Affine,
  epsilon: number,
) {
  const channels = x.shape[3];
  const plain = { scale: tf.ones<tf.Rank.R1>([channels]), bias: tf.zeros<tf.Rank.R1>([channels]) };
  const { output, ...statistics } = normalizeIn(scope, x, plain, epsilon);
  const scaled = scope.eachGroup(output, (scope, x) => {
    const { scale, bias } = affine(scope);
    return tf.add<tf.Tensor4D>(tf.mul(x, scale), bias);
  });
  return { output: scaled, ...statistics };
}
