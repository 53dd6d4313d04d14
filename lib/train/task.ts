import type { Model } from "../nn/mod.ts";
import type {
  GradientFunction,
  LossFunction,
  Metrics,
  Optimizer,
  Schedule,
  StatefulGradient,
} from "../optim/mod.ts";
import type { dataset, Precision, TensorRecord, Tree } from "../tensorflow/mod.ts";
import type { Batches } from "./batches.ts";
import type { Batch, CrossEntropyMetrics } from "./loss.ts";
import type { PackedBits, RunLabels } from "../metrics/mod.ts";
import type { ModelVariables, TrainState } from "./step.ts";

/** What an evaluation measured, by its name in the row: `testLoss`. */
export type Figures = Readonly<Record<string, number>>;

/** What a finished run keeps of its last evaluation besides figures. */
export interface Outcome {
  /** Which test examples it got right, in the order of the set. */
  readonly testRight?: PackedBits;
}

/** One worker among those that share an evaluation. */
export interface EvaluationShare {
  /** How many share it. */
  readonly count: number;
  /** Which of them this one is, from 0. */
  readonly index: number;
  /**
   * Gives what each has found to all, in the order of their numbers, once all have come here.
   *
   * @param found anything that is not empty; undefined where the evaluation was left
   * @returns undefined if any has left it
   */
  gather(found: string | undefined): Promise<readonly string[] | undefined>;
}

/** Evaluates what is due at the end of an epoch. */
export interface Evaluator<P extends Tree> extends Disposable {
  /** @returns undefined if the signal is aborted before it is done */
  evaluate(state: TrainState<P>, signal?: AbortSignal): Promise<Figures | undefined>;
  /**
   * Called once, where several workers train: each then evaluates its share, and all give the figures of
   * the whole. Without this method the chief evaluates by itself.
   */
  shareWith?(share: EvaluationShare): void;
  /** Of the last evaluation; nothing by default. */
  outcome?(): Outcome | undefined;
}

/**
 * All that a training run consists of. Required are parameters or a model, a loss or its gradient, an
 * optimizer, training data and the number of epochs.
 *
 * ```ts
 * import { optim, tf, train } from "sam";
 *
 * const x = tf.tensor1d([0, 1, 2, 3, 4, 5, 6, 7]);
 * const task = train.task({
 *   parameters: { slope: tf.scalar(0), offset: tf.scalar(0) },
 *   loss: ({ slope, offset }, { x, y }) =>
 *     tf.mean(tf.square(tf.sub(tf.add(tf.mul(slope, x), offset), y))),
 *   optimizer: optim.sgd(0.02),
 *   training: train.batches({ x, y: tf.add(tf.mul(x, 2), 1) }, { batchSize: 4 }),
 *   epochs: 5,
 * });
 * for await (const event of train.fit(task)) {
 *   if (event.type === "epoch") console.log(event.row.trainLoss);
 * }
 * ```
 */
export interface Task<P extends Tree, B, M extends Metrics = Metrics> {
  /** What draws the initial parameters: one of `nn.model`, or any object with such an `init`. */
  readonly model?: {
    init(
      seed: number,
      inputShape: readonly number[],
    ): { readonly params: P; readonly state?: TensorRecord };
  };
  /**
   * In place of a model: the initial parameters, which stay the caller's, or what draws them. What it
   * draws by `Math.random` meanwhile, as tf.randomNormal does, is the same for the same seed.
   */
  readonly parameters?: P | ((seed: number) => P);
  /** What is minimised; with a gradient, what is evaluated unless `measure` says otherwise. */
  readonly loss?: LossFunction<P, B, M>;
  /** Default: that of the loss; with SAM it is `sam(valueAndGrad(loss), { rho })`. */
  readonly gradient?: GradientFunction<P, B, M> | StatefulGradient<P, B, M>;
  readonly optimizer: Optimizer;
  /** For the log; default that of the optimizer. */
  readonly learningRate?: Schedule;
  /** What training and evaluation compute their products in, see `withPrecision`; default float32. */
  readonly precision?: Precision;
  /** Largest global norm of the gradient; none by default. */
  readonly gradientClipping?: number;
  /**
   * Decay of the moving average of the parameters, which is then evaluated too; none by default. It
   * begins after {@linkcode MOVING_AVERAGE_WARM_UP} steps.
   */
  readonly averageDecay?: number;
  /** Its size counts the steps of an epoch. */
  readonly training: Batches<B>;
  /** What is evaluated after epochs; nothing by default. */
  readonly evaluation?: Batches<B>;
  /**
   * What is measured of a batch of the evaluation: means over its examples, by name, which come into
   * the row as `testLoss` and such. Default: what the loss measures.
   */
  readonly measure?: (variables: ModelVariables<P>, batch: B) => Metrics;
  /** Evaluates in another way than by means over the examples of `evaluation`. */
  evaluator?(task: this): Evaluator<P>;
  /** Epochs from one evaluation to the next; the last epoch is evaluated always. Default 1. */
  readonly evaluateEvery?: number;
  /**
   * The longest time of training from one checkpoint to the next, in the middle of an epoch too; 0, the
   * default: one after each epoch.
   */
  readonly saveProgressSeconds?: number;
  /** Whether a loss that is not finite stops the run, the default, or is told as a warning. */
  readonly onNan?: "stop" | "continue";
  /** Epochs done at which a checkpoint is saved that is kept; 0 is before the first step. */
  readonly additionalCheckpointsAtEpochs?: readonly number[];
  /** Default: as many as the data say that they are. */
  readonly trainExamples?: number;
  readonly testExamples?: number;
  /** What the model is made for, batch size included; default the shape of a batch's `images`. */
  readonly inputShape?: readonly number[];
  readonly epochs: number;
  /** Of initialisation, order, augmentation and dropout; default 0. */
  readonly seed?: number;
  /**
   * What the run begins with, in place of the variables that the model drew, which stay the caller's.
   */
  readonly restore?: (initial: ModelVariables<P>) => {
    readonly variables: ModelVariables<P>;
    /** Paths of what was not taken, of which a warning tells; default none. */
    readonly replaced?: readonly string[];
  };
  /** What is to be told before the first step. */
  readonly warnings?: readonly string[];
  /** Finds the cause of an error of the pipelines; undefined if it is not theirs. */
  readonly diagnose?: () => Promise<Error | undefined>;
  /** How the run is named in metrics and plots. */
  readonly labels?: Partial<RunLabels>;
  /** Told in the first event. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The training of a classifier, as `buildTask` makes it of a configuration. */
export interface ClassificationTask extends Task<TensorRecord, Batch, CrossEntropyMetrics> {
  readonly model: Model;
  readonly gradient: GradientFunction<TensorRecord, Batch, CrossEntropyMetrics>;
  readonly learningRate: Schedule;
  readonly training: dataset.Dataset<Batch>;
  readonly evaluation: dataset.Dataset<Batch>;
  /** Images held out of the training set, where they are evaluated beside the test set. */
  readonly validation?: dataset.Dataset<Batch>;
  readonly validationExamples?: number;
  /**
   * The training set in its order, without augmentation and to the last example, where it is
   * evaluated too.
   */
  readonly trainEvaluation?: dataset.Dataset<Batch>;
  /** Of batches that are evaluated, the last of a set aside: a worker's share of a training batch. */
  readonly evaluationBatchSize: number;
  /** Of the evaluation's loss, as in the reference; default 0. */
  readonly labelSmoothing?: number;
  /** Whether evaluations count top-5 errors. */
  readonly evaluateTop5?: boolean;
  /** Labels that are trained on, where some are wrong, and the true ones, by example. */
  readonly noisyLabels?: { readonly labels: Int32Array; readonly trueLabels: Int32Array };
  readonly trainExamples: number;
  readonly testExamples: number;
  readonly inputShape: readonly number[];
  readonly seed: number;
  readonly labels: RunLabels;
  readonly config: Readonly<Record<string, unknown>>;
}
