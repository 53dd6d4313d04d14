import {
  applyUpdates,
  clipToNorm,
  globalNorm,
  type GradientFunction,
  movedAverage,
  movingAverageDecay,
  type Optimizer,
} from "../optim/mod.ts";
import { mapTree, random, type TensorRecord, tf, tidy, type Tree } from "../tensorflow/mod.ts";
import type { Batch } from "./loss.ts";

/** All that a step changes. */
export type TrainState = {
  readonly params: TensorRecord;
  /** Batch statistics. */
  readonly state: TensorRecord;
  readonly optimizer: Tree;
  /** Steps taken, an int32 scalar. */
  readonly step: tf.Scalar;
  /** Moving averages of parameters and batch statistics, if they are kept. */
  readonly average?: Average;
};

/** What is evaluated in place of the last parameters. */
type Average = { readonly params: TensorRecord; readonly state: TensorRecord };

/** What a step measures. */
export interface StepMetrics {
  /** Cross-entropy of the batch without weight decay, of the pass that the update uses. */
  readonly loss: tf.Scalar;
  /** Top-1 error of that pass, a fraction. */
  readonly error: tf.Scalar;
  /** Norm of the gradient after clipping. */
  readonly gradientNorm: tf.Scalar;
  /** Norm of all parameters after the update. */
  readonly parameterNorm: tf.Scalar;
}

/** One step: from a state, a batch and the run's seed to the next state and its metrics. */
export type TrainStep = (
  state: TrainState,
  batch: Batch,
  seed: random.Seed,
) => { state: TrainState; metrics: StepMetrics };

/** Options of {@linkcode trainStep}. */
export interface TrainStepOptions {
  /** Largest global norm of the gradient; none by default. */
  readonly gradientClipping?: number;
  /** Decay of the moving average of parameters and batch statistics; 0, the default, keeps none. */
  readonly averageDecay?: number;
}

/**
 * The state before the first step. The tensors of the optimizer and the average are new, the others
 * those given.
 */
export function initialState(
  { params, state }: { readonly params: TensorRecord; readonly state: TensorRecord },
  optimizer: Optimizer,
  { averageDecay = 0 }: Pick<TrainStepOptions, "averageDecay"> = {},
): TrainState {
  return {
    params,
    state,
    optimizer: optimizer.init(params),
    step: tf.scalar(0, "int32"),
    // Copies: a step may overwrite what it is given.
    ...averageDecay > 0 && { average: mapTree((leaf) => tf.add(leaf, 0), { params, state }) },
  };
}

/**
 * The training step as a pure function: gradient, clipping by global norm, update.
 *
 * Source: `train_step` in `flax_training.py` of the reference.
 */
export function trainStep(
  gradient: GradientFunction<
    TensorRecord,
    [state: TensorRecord, batch: Batch, seed: random.Seed]
  >,
  optimizer: Optimizer,
  { gradientClipping, averageDecay = 0 }: TrainStepOptions = {},
): TrainStep {
  return (before, batch, seed) =>
    tidy(() => {
      const stepSeed = random.foldIn(seed, before.step);
      const found = gradient(before.params, before.state, batch, stepSeed);
      const grads = gradientClipping === undefined
        ? found.grads
        : clipToNorm(found.grads, gradientClipping);
      const [updates, optimizerState] = optimizer.update(grads, before.optimizer, before.params);
      const params = applyUpdates(before.params, updates);
      const state = found.state as TensorRecord;
      const step = tf.add(before.step, tf.scalar(1, "int32")) as tf.Scalar;
      const average = before.average && movedAverage(
        before.average,
        { params, state },
        movingAverageDecay(averageDecay, step),
      );
      return {
        state: { params, state, optimizer: optimizerState, step, ...average && { average } },
        metrics: {
          loss: found.metrics.loss as tf.Scalar,
          error: found.metrics.error as tf.Scalar,
          gradientNorm: globalNorm(grads),
          parameterNorm: globalNorm(params),
        },
      };
    });
}
