import {
  applyUpdates,
  clipToNorm,
  globalNorm,
  type GradientFunction,
  type Optimizer,
} from "../optim/mod.ts";
import { random, type TensorRecord, tf, tidy, type Tree } from "../tensorflow/mod.ts";
import type { Batch } from "./loss.ts";

/** All that a step changes. */
export type TrainState = {
  readonly params: TensorRecord;
  /** Batch statistics. */
  readonly state: TensorRecord;
  readonly optimizer: Tree;
  /** Steps taken, an int32 scalar. */
  readonly step: tf.Scalar;
};

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
}

/** The state before the first step. The optimizer's tensors are new, the others those given. */
export function initialState(
  { params, state }: { readonly params: TensorRecord; readonly state: TensorRecord },
  optimizer: Optimizer,
): TrainState {
  return { params, state, optimizer: optimizer.init(params), step: tf.scalar(0, "int32") };
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
  { gradientClipping }: TrainStepOptions = {},
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
      return {
        state: {
          params,
          state: found.state as TensorRecord,
          optimizer: optimizerState,
          step: tf.add(before.step, tf.scalar(1, "int32")),
        },
        metrics: {
          loss: found.metrics.loss as tf.Scalar,
          error: found.metrics.error as tf.Scalar,
          gradientNorm: globalNorm(grads),
          parameterNorm: globalNorm(params),
        },
      };
    });
}
