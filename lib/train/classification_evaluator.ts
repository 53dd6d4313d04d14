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
import { type Found, type Summed, summed } from "./_summed.ts";
import type { Batch } from "./loss.ts";
import { type Evaluated, packBits } from "../metrics/mod.ts";
import type { TrainState } from "./step.ts";
import type { ClassificationTask, EvaluationShare, Evaluator, Figures, Outcome } from "./task.ts";

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
  #share: EvaluationShare | undefined;
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
    const parts = [
      () => this.#test(average ?? last, "test", signal),
      () => this.#validate(average ?? last, signal),
      ...average ? [() => this.#test(last, "lastTest", signal)] : [],
      () => this.#train(last, signal),
    ];
    const found: Figures[] = [];
    for (const part of parts) {
      const figures = await part();
      // If one of several workers leaves the evaluation, all do, and after the same part.
      if (figures === undefined) return undefined;
      found.push(figures);
    }
    return Object.assign({}, ...found);
  }

  shareWith(share: EvaluationShare): void {
    this.#share = share;
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
  ): Promise<Evaluated | undefined> {
    const { evaluation, testExamples } = this.#task;
    const found = await this.#summed(evaluation, (batch) => this.#step(variables, batch), signal);
    if (found === undefined) return undefined;
    if (prefix === "test") this.#right = found.right;
    return figures(prefix, found.sums, testExamples);
  }

  async #validate(
    variables: Variables,
    signal: AbortSignal | undefined,
  ): Promise<Evaluated | undefined> {
    const { validation, validationExamples } = this.#task;
    if (validation === undefined) return {};
    const found = await this.#summed(validation, (batch) => this.#step(variables, batch), signal);
    return found && figures("validation", found.sums, validationExamples!);
  }

  async #train(
    variables: Variables,
    signal: AbortSignal | undefined,
  ): Promise<Evaluated | undefined> {
    const { trainEvaluation, trainExamples, noisyLabels } = this.#task;
    if (trainEvaluation === undefined) return {};
    if (noisyLabels === undefined) {
      const found = await this.#summed(
        trainEvaluation,
        (batch) => this.#step(variables, batch),
        signal,
      );
      return found && figures("evalOnTrain", found.sums, trainExamples);
    }
    const { labels, trueLabels } = noisyLabels;
    const own = withTrueLabels(this.#own(trainEvaluation), trueLabels, this.#runs);
    const found = await summed(
      own,
      (batch) => foundOf(batch, () => this.#noisyStep(variables, batch)),
      { signal, share: this.#share },
    );
    if (found === undefined) return undefined;
    const { sums } = found;
    const wrong = labels.filter((label, example) => label !== trueLabels[example]).length;
    const part = (name: string) => ({ loss: sums[`${name}Loss`]!, errors: sums[`${name}Errors`]! });
    return {
      ...figures("evalOnTrain", sums, trainExamples),
      ...figures("evalOnTrueLabels", part("trueLabels"), trainExamples - wrong),
      ...figures("evalOnWrongLabels", part("wrongLabels"), wrong),
      ...figures("evalOnCorrectedLabels", part("correctedLabels"), wrong),
    };
  }

  #summed(
    batches: dataset.Dataset<Batch>,
    step: (batch: Batch) => Promise<EvaluationSums>,
    signal: AbortSignal | undefined,
  ): Promise<Summed | undefined> {
    const options = { signal, share: this.#share };
    return summed(this.#own(batches), (batch) => foundOf(batch, () => step(batch)), options);
  }

  /** Which of a set's runs of examples are this worker's: it reads and decodes only these. */
  get #runs() {
    const { count, index } = this.#share ?? { count: 1, index: 0 };
    return { count, index, size: this.#task.evaluationBatchSize };
  }

  #own(batches: dataset.Dataset<Batch>): dataset.Dataset<Batch> {
    return this.#share === undefined ? batches : batches.share(this.#runs);
  }
}

/** What a step finds of a batch, which is disposed. */
async function foundOf(batch: Batch, step: () => Promise<EvaluationSums>): Promise<Found> {
  const { wrong, ...sums } = await consuming(batch, step);
  const right = Array.from(wrong.dataSync(), (error) => error === 0);
  wrong.dispose();
  return { sums: Object.entries(read(sums)), right };
}

/** Batches of a set in its order, or some of its runs, with their true labels. */
function withTrueLabels(
  batches: dataset.Dataset<Batch>,
  trueLabels: Int32Array,
  { count, index, size }: { readonly count: number; readonly index: number; readonly size: number },
) {
  return {
    async *epoch(): AsyncGenerator<NoisyBatch> {
      let begin = index * size;
      for await (const { images, labels } of batches.epoch()) {
        const [examples, classes] = labels.shape as [number, number];
        const truth = trueLabels.subarray(begin, begin + examples);
        begin += count * size;
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
