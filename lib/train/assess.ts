import { exampleCrossEntropies, exampleErrors, topKErrorRate, type Variables } from "../nn/mod.ts";
import { type Calibration, calibration } from "../statistics/mod.ts";
import { compile, tf, tidy } from "../tensorflow/mod.ts";
import { consuming } from "./_step_values.ts";
import type { Batch } from "./loss.ts";
import type { TrainedModel } from "./trained_model.ts";

/** What a network's predictions are worth; errors are fractions. */
export interface Assessment {
  readonly examples: number;
  /** Mean cross-entropy, without label smoothing. */
  readonly loss: number;
  readonly error: number;
  /** Of more than five classes. */
  readonly top5Error?: number;
  readonly calibration: Calibration;
}

/** Options of {@linkcode assess}. */
export interface AssessOptions {
  /** The examples; default "test". */
  readonly split?: "train" | "test";
  /** Stops at the next batch, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Evaluates a network on its data, without augmentation and in its own precision: loss, top-1 and top-5 errors, and how well its
 * probabilities are calibrated.
 *
 * ```ts
 * import { data, models, train } from "sam";
 *
 * const source = await data.loadDataset("synthetic_16", { trainCount: 20, testCount: 20 });
 * const model = models.buildModel("wide_resnet_10_1", { classes: source.classes.length });
 * const variables = model.init(0, [20, ...source.train.shape]);
 * const config = train.configOf({ dataset: "synthetic_16", batchSize: 20 });
 * const { error } = await train.assess({ model, variables, source, config });
 * console.log(error); // about 0.9, of a network that has not learned
 * ```
 */
export async function assess(
  { model, variables, source, config: { batchSize, precision } }: Pick<
    TrainedModel,
    "model" | "variables" | "source" | "config"
  >,
  { split = "test", signal }: AssessOptions = {},
): Promise<Assessment> {
  const top5 = source.classes.length > 5;
  const step = compile((variables: Variables, { images, labels }: Batch) =>
    tidy(() => {
      const { output } = model.apply(variables, images);
      return {
        losses: exampleCrossEntropies(output, labels),
        errors: exampleErrors(output, labels),
        confidences: tf.max(tf.softmax(output), 1),
        ...top5 && { top5: topKErrorRate(output, labels, 5) },
      };
    }), { name: "the evaluation step", precision });
  const found = { losses: 0, errors: 0, top5: 0 };
  const confidences: number[] = [];
  const right: boolean[] = [];
  try {
    for await (const batch of source.evaluation({ batchSize, split }).epoch()) {
      const count = batch.images.shape[0]!;
      const values = await consuming(batch, () => step(variables, batch));
      const errors = values.errors.dataSync();
      found.losses += sum(values.losses.dataSync());
      found.errors += sum(errors);
      found.top5 += count * (values.top5?.dataSync()[0] ?? 0);
      confidences.push(...values.confidences.dataSync());
      right.push(...Array.from(errors, (error) => error === 0));
      tf.dispose(values as unknown as tf.TensorContainer);
      signal?.throwIfAborted();
    }
  } finally {
    step.dispose();
  }
  const examples = right.length;
  return {
    examples,
    loss: found.losses / examples,
    error: found.errors / examples,
    ...top5 && { top5Error: found.top5 / examples },
    calibration: calibration(confidences, right),
  };
}

function sum(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0);
}
