import {
  crossEntropy,
  errorRate,
  exampleCrossEntropies,
  exampleErrors,
  type Model,
  topKErrorRate,
  type Variables,
} from "../nn/mod.ts";
import { tf, tidy } from "../tensorflow/mod.ts";
import type { Batch } from "./loss.ts";

/** Sums over the examples of a batch, to be divided by their number, and which of them are wrong. */
export interface EvaluationSums {
  readonly loss: tf.Scalar;
  readonly errors: tf.Scalar;
  /** Examples whose label is not among the five largest logits, where it was asked for. */
  readonly top5Errors?: tf.Scalar;
  /** float32 [batch]: 1 for an example whose label is not the largest logit, else 0. */
  readonly wrong: tf.Tensor1D;
}

/** Options of {@linkcode evaluationStep}. */
export interface EvaluationOptions {
  /** Of the loss, as in the reference; default 0. */
  readonly labelSmoothing?: number;
  /** Count top-5 errors too; default false. */
  readonly top5?: boolean;
}

/**
 * Cross-entropy, top-1 and top-5 errors of a batch, summed over its examples, with the running batch
 * statistics.
 *
 * ```ts
 * import { models, random, tf, train } from "sam";
 *
 * const model = models.wideResNet({ depth: 10, width: 1, classes: 10 });
 * const images = random.normal(random.seed(1), [2, 16, 16, 3]);
 * const labels = tf.oneHot([0, 1], 10, 1, 0, "float32");
 * const evaluate = train.evaluationStep(model, { top5: true });
 * const { errors } = evaluate(model.init(0, images.shape), { images, labels });
 * console.log(errors.dataSync()[0]); // 0 to 2
 * ```
 *
 * Source: `eval_step` in `flax_training.py` of the reference.
 */
export function evaluationStep(
  model: Model,
  options: EvaluationOptions = {},
): (variables: Variables, batch: Batch) => EvaluationSums {
  return (variables, { images, labels }) =>
    tidy(() => sumsOf(model.apply(variables, images).output, labels, options));
}

/** A batch whose labels may be wrong. */
export type NoisyBatch = Batch & {
  /** float32 [batch, classes]: one-hot. */
  readonly trueLabels: tf.Tensor;
};

/** Sums over the examples of a batch, and over those with true and with wrong labels alone. */
export interface NoisyEvaluationSums extends EvaluationSums {
  readonly trueLabelsLoss: tf.Scalar;
  readonly trueLabelsErrors: tf.Scalar;
  /** Of the examples with wrong labels, by these. */
  readonly wrongLabelsLoss: tf.Scalar;
  readonly wrongLabelsErrors: tf.Scalar;
  /** Of the examples with wrong labels, by their true ones. */
  readonly correctedLabelsLoss: tf.Scalar;
  readonly correctedLabelsErrors: tf.Scalar;
}

/**
 * {@linkcode evaluationStep} of a training set of which some labels are wrong.
 *
 * ```ts
 * import { models, train } from "sam";
 *
 * const model = models.wideResNet({ depth: 10, width: 1, classes: 10 });
 * const evaluate = train.noisyEvaluationStep(model, { labelSmoothing: 0.1 });
 * ```
 */
export function noisyEvaluationStep(
  model: Model,
  options: EvaluationOptions = {},
): (variables: Variables, batch: NoisyBatch) => NoisyEvaluationSums {
  return (variables, { images, labels, trueLabels }) =>
    tidy(() => {
      const { output } = model.apply(variables, images);
      const isWrong = tf.cast(exampleErrors(trueLabels, labels), "bool");
      const isTrue = tf.logicalNot(isWrong);
      const sum = (values: tf.Tensor, mask: tf.Tensor) =>
        tf.sum(tf.where(mask, values, tf.zerosLike(values))) as tf.Scalar;
      const given = {
        losses: exampleCrossEntropies(output, labels, options),
        errors: exampleErrors(output, labels),
      };
      const corrected = {
        losses: exampleCrossEntropies(output, trueLabels, options),
        errors: exampleErrors(output, trueLabels),
      };
      return {
        ...sumsOf(output, labels, options),
        trueLabelsLoss: sum(given.losses, isTrue),
        trueLabelsErrors: sum(given.errors, isTrue),
        wrongLabelsLoss: sum(given.losses, isWrong),
        wrongLabelsErrors: sum(given.errors, isWrong),
        correctedLabelsLoss: sum(corrected.losses, isWrong),
        correctedLabelsErrors: sum(corrected.errors, isWrong),
      };
    });
}

function sumsOf(
  logits: tf.Tensor,
  labels: tf.Tensor,
  { labelSmoothing = 0, top5 = false }: EvaluationOptions,
): EvaluationSums {
  const summed = (mean: tf.Scalar) => tf.mul(mean, labels.shape[0]!) as tf.Scalar;
  // Whole numbers, so that the count is the same however a set is divided into batches.
  const counted = (mean: tf.Scalar) => tf.round(summed(mean));
  return {
    loss: summed(crossEntropy(logits, labels, { labelSmoothing })),
    errors: counted(errorRate(logits, labels)),
    ...top5 && { top5Errors: counted(topKErrorRate(logits, labels, 5)) },
    wrong: exampleErrors(logits, labels),
  };
}
