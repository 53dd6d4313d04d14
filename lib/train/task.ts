import type { Restored } from "../checkpoints/mod.ts";
import type { Model, Variables } from "../nn/mod.ts";
import type { GradientFunction, Optimizer, Schedule } from "../optim/mod.ts";
import type { dataset, random, TensorRecord } from "../tensorflow/mod.ts";
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
  /** Largest global norm of the gradient; none by default. */
  readonly gradientClipping?: number;
  /** Decay of the moving average of the parameters, which is then evaluated; none by default. */
  readonly averageDecay?: number;
  /** Of the evaluation's loss, as in the reference; default 0. */
  readonly labelSmoothing?: number;
  /** Its size counts the steps of an epoch. */
  readonly training: dataset.Dataset<Batch>;
  readonly evaluation: dataset.Dataset<Batch>;
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
