import { crossEntropy, errorRate, type Model, type Variables } from "../nn/mod.ts";
import { tf } from "../tensorflow/mod.ts";
import type { Batch } from "./loss.ts";

/** Sums over the examples of a batch, to be divided by their number. */
export interface EvaluationSums {
  readonly loss: tf.Scalar;
  readonly errors: tf.Scalar;
}

/**
 * Cross-entropy and top-1 errors of a batch, summed over its examples, with the running batch
 * statistics.
 *
 * Source: `eval_step` in `flax_training.py` of the reference.
 */
export function evaluationStep(
  model: Model,
  { labelSmoothing = 0 }: { readonly labelSmoothing?: number } = {},
): (variables: Variables, batch: Batch) => EvaluationSums {
  return (variables, { images, labels }) =>
    tf.tidy(() => {
      const { output } = model.apply(variables, images);
      const examples = labels.shape[0]!;
      return {
        loss: tf.mul(crossEntropy(output, labels, { labelSmoothing }), examples) as tf.Scalar,
        errors: tf.mul(errorRate(output, labels), examples) as tf.Scalar,
      };
    });
}
