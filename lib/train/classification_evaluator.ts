import { compile, type Compiled, type dataset, type TensorRecord, tf } from "../tensorflow/mod.ts";
import { consuming, read } from "./_step_values.ts";
import {
  evaluationStep,
  type EvaluationSums,
  type NoisyBatch,
  noisyEvaluationStep,
  type NoisyEvaluationSums,
} from "./evaluate.ts";
import type { Variables } from "../nn/mod.ts";
import { summed } from "./evaluator.ts";
import type { Batch } from "./loss.ts";
import { type Evaluated, packBits } from "../metrics/mod.ts";
import type { TrainState } from "./step.ts";
import type { ClassificationTask, Evaluator, Figures, Outcome } from "./task.ts";

/**
 * The evaluation of a classifier at the end of an epoch, by cross-entropy and errors: of the test set at
 * the parameters and at their moving average, and, if the task wants that, of validation images and of
 * the training set, by true and wrong labels apart where some are wrong.
 *
 * ```ts
 * import { train } from "sam";
 *
 * const changes = { dataset: "synthetic_16", model: "wide_resnet_10_1", trainCount: 200 };
 * const task = await train.buildTask({ ...train.defaultConfig, ...changes, testCount: 50 });
 * using evaluator = train.classificationEvaluator(task);
 * const { init } = train.trainStep(task.gradient, task.optimizer);
 * const figures = await evaluator.evaluate(init(task.model.init(0, task.inputShape)));
 * console.log(figures!.testError); // 0.9, about
 * ```
 *
 * Source: `train` and `eval_on_dataset` in `flax_training.py` of the reference, which evaluates only
 * the average where there is one.
 */
export function classificationEvaluator(task: ClassificationTask): Evaluator<TensorRecord> {
  return new ClassificationEvaluator(task);
}

class ClassificationEvaluator implements Evaluator<TensorRecord> {
  readonly #task: ClassificationTask;
  /** Of the last evaluation, by test example. */
  #right: readonly boolean[] | undefined;
  readonly #step: Compiled<[Variables, Batch], EvaluationSums>;
  readonly #noisyStep: Compiled<[Variables, NoisyBatch], NoisyEvaluationSums>;

  constructor(task: ClassificationTask) {
    const { model, labelSmoothing, evaluateTop5: top5, precision } = task;
    const options = { labelSmoothing, top5 };
    this.#task = task;
    this.#step = compile(evaluationStep(model, options), {
      precision,
      name: "the evaluation step",
    });
    this.#noisyStep = compile(noisyEvaluationStep(model, options), {
      precision,
      name: "the evaluation step of noisy labels",
    });
  }

  /** At the batch that is running it stops. */
  async evaluate(
    { params, state, average }: TrainState,
    signal?: AbortSignal,
  ): Promise<Figures | undefined> {
    const last = { params, state };
    const evaluated = {
      ...await this.#test(average ?? last, "test", signal),
      ...await this.#validate(average ?? last, signal),
      ...average && await this.#test(last, "lastTest", signal),
      ...await this.#train(last, signal),
    };
    return signal?.aborted ? undefined : evaluated;
  }

  outcome(): Outcome | undefined {
    return this.#right && { testRight: packBits(this.#right) };
  }

  [Symbol.dispose](): void {
    this.#step.dispose();
    this.#noisyStep.dispose();
  }

  async #test(
    variables: Variables,
    prefix: "test" | "lastTest",
    signal: AbortSignal | undefined,
  ): Promise<Evaluated> {
    const { evaluation, testExamples } = this.#task;
    const right: boolean[] = [];
    const sums = await sumsOver(evaluation, (batch) => this.#step(variables, batch), signal, right);
    if (prefix === "test") this.#right = right;
    return figures(prefix, sums, testExamples);
  }

  async #validate(variables: Variables, signal: AbortSignal | undefined): Promise<Evaluated> {
    const { validation, validationExamples } = this.#task;
    if (validation === undefined) return {};
    const sums = await sumsOver(validation, (batch) => this.#step(variables, batch), signal);
    return figures("validation", sums, validationExamples!);
  }

  async #train(variables: Variables, signal: AbortSignal | undefined): Promise<Evaluated> {
    const { trainEvaluation, trainExamples, noisyLabels } = this.#task;
    if (trainEvaluation === undefined) return {};
    if (noisyLabels === undefined) {
      const sums = await sumsOver(
        trainEvaluation,
        (batch) => this.#step(variables, batch),
        signal,
      );
      return figures("evalOnTrain", sums, trainExamples);
    }
    const { labels, trueLabels } = noisyLabels;
    const sums = await sumsOver(
      withTrueLabels(trainEvaluation, trueLabels),
      (batch) => this.#noisyStep(variables, batch),
      signal,
    );
    const wrong = labels.filter((label, example) => label !== trueLabels[example]).length;
    const part = (name: string) => ({ loss: sums[`${name}Loss`]!, errors: sums[`${name}Errors`]! });
    return {
      ...figures("evalOnTrain", sums, trainExamples),
      ...figures("evalOnTrueLabels", part("trueLabels"), trainExamples - wrong),
      ...figures("evalOnWrongLabels", part("wrongLabels"), wrong),
      ...figures("evalOnCorrectedLabels", part("correctedLabels"), wrong),
    };
  }
}

/**
 * Sums until the signal is aborted. Batches are disposed.
 *
 * @param right takes for each example whether it is right
 */
async function sumsOver<B extends Batch>(
  batches: { epoch(): AsyncIterable<B> },
  step: (batch: B) => Promise<EvaluationSums>,
  signal: AbortSignal | undefined,
  right: boolean[] = [],
): Promise<Figures> {
  const { sums } = await summed(batches, async (batch) => {
    const { wrong, ...sums } = await consuming(batch, () => step(batch));
    for (const error of wrong.dataSync()) right.push(error === 0);
    wrong.dispose();
    return Object.entries(read(sums));
  }, signal);
  return sums;
}

/** Batches of a set in its order with their true labels. */
function withTrueLabels(batches: dataset.Dataset<Batch>, trueLabels: Int32Array) {
  return {
    async *epoch(): AsyncGenerator<NoisyBatch> {
      let done = 0;
      for await (const { images, labels } of batches.epoch()) {
        const [examples, classes] = labels.shape as [number, number];
        const truth = trueLabels.subarray(done, done += examples);
        yield { images, labels, trueLabels: oneHot(truth, classes) };
      }
    },
  };
}

function oneHot(labels: Int32Array, classes: number): tf.Tensor {
  return tf.tidy(() => tf.oneHot(tf.tensor1d(labels, "int32"), classes, 1, 0, "float32"));
}

/** Means under their names in a row; none of no examples. */
function figures(
  prefix: string,
  { loss, errors, top5Errors }: Figures,
  examples: number,
): Evaluated {
  if (examples === 0) return {};
  return {
    [`${prefix}Loss`]: loss! / examples,
    [`${prefix}Error`]: errors! / examples,
    ...top5Errors !== undefined && { [`${prefix}Top5Error`]: top5Errors / examples },
  };
}
