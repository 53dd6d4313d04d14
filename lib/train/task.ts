import type { Restored } from "../checkpoints/mod.ts";
import type { Model, Variables } from "../nn/mod.ts";
import type { GradientFunction, Optimizer, Schedule } from "../optim/mod.ts";
import type { dataset, Precision, random, TensorRecord } from "../tensorflow/mod.ts";
import type { Batch } from "./loss.ts";
import type { EpochRow } from "./rows.ts";

/** All that a training run consists of. */
export interface Task {
  readonly model: Model;
  /** Of the training loss, with SAM or without. */
  readonly gradient: GradientFunction<
    TensorRecord,
    [state: TensorRecord, batch: Batch, seed: random.Seed]
  >;
  readonly optimizer: Optimizer;
  /** Of the optimizer, for the log. */
  readonly learningRate: Schedule;
  /** What training and evaluation compute their products in, see `withPrecision`; default float32. */
  readonly precision?: Precision;
  /** Largest global norm of the gradient; none by default. */
  readonly gradientClipping?: number;
  /** Decay of the moving average of the parameters, which is then evaluated too; none by default. */
  readonly averageDecay?: number;
  /** Of the evaluation's loss, as in the reference; default 0. */
  readonly labelSmoothing?: number;
  /** Its size counts the steps of an epoch. */
  readonly training: dataset.Dataset<Batch>;
  readonly evaluation: dataset.Dataset<Batch>;
  /**
   * The training set in its order, without augmentation and to the last example, where it is
   * evaluated too.
   */
  readonly trainEvaluation?: dataset.Dataset<Batch>;
  /** Epochs from one evaluation to the next; the last epoch is evaluated always. Default 1. */
  readonly evaluateEvery?: number;
  /** Whether evaluations count top-5 errors. */
  readonly evaluateTop5?: boolean;
  /**
   * The longest time of training from one checkpoint to the next, in the middle of an epoch too; 0, the
   * default: one after each epoch.
   */
  readonly saveProgressSeconds?: number;
  /** Whether a loss that is not finite stops the run, the default, or is told as a warning. */
  readonly onNan?: "stop" | "continue";
  /** Epochs done at which a checkpoint is saved that is kept; 0 is before the first step. */
  readonly additionalCheckpointsAtEpochs?: readonly number[];
  readonly trainExamples: number;
  readonly testExamples: number;
  /** Shape of a batch of images. */
  readonly inputShape: readonly number[];
  readonly epochs: number;
  /** Of initialisation, order, augmentation and dropout. */
  readonly seed: number;
  /**
   * What the run begins with, in place of the variables that the model drew, which stay the caller's.
   */
  readonly restore?: (initial: Variables) => Restored;
  /** Labels that are trained on, where some are wrong, and the true ones, by example. */
  readonly noisyLabels?: { readonly labels: Int32Array; readonly trueLabels: Int32Array };
  /** What is to be told before the first step. */
  readonly warnings?: readonly string[];
  /** Finds the cause of an error of the pipelines; undefined if it is not theirs. */
  readonly diagnose?: () => Promise<Error | undefined>;
  /** How the run is named in metrics and plots. */
  readonly labels: Pick<EpochRow, "dataset" | "model" | "method" | "rho" | "labelNoise" | "seed">;
  /** Told in the first event. */
  readonly config: Readonly<Record<string, unknown>>;
}
