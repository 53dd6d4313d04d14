import {
  applyUpdates,
  checkedMetrics,
  checkMaxNorm,
  clipToNorm,
  globalNorm,
  type Gradient,
  type GradientFunction,
  type Metrics,
  movedAverage,
  movingAverageDecay,
  type Optimizer,
  type Pass,
  type StatefulGradient,
} from "../optim/mod.ts";
import { mapTree, random, type TensorRecord, tf, tidy, type Tree } from "../tensorflow/mod.ts";
import { checkedGradient, checkedPair, checkedState, requireAlike } from "./_step_parts.ts";

/** Parameters, and what a model keeps besides them, such as batch statistics. */
export type ModelVariables<P extends Tree = TensorRecord> = {
  readonly params: P;
  readonly state: TensorRecord;
};

/** All that a step changes. */
export type TrainState<P extends Tree = TensorRecord> = ModelVariables<P> & {
  readonly optimizer: Tree;
  /** What a {@linkcode StatefulGradient} hands from step to step, if it is one. */
  readonly gradient?: Tree;
  /** Steps taken, an int32 scalar. */
  readonly step: tf.Scalar;
  /** Moving averages, if they are kept: evaluated in place of the last parameters. */
  readonly average?: ModelVariables<P>;
};

/**
 * What a step measures: what the loss names, and for every loss these. Those named `loss` and others
 * of a loss are of the pass that the update uses.
 */
export type StepMetrics<M extends Metrics = Metrics> = M & {
  /** What the loss names so, such as one without weight decay; else what is differentiated. */
  readonly loss: tf.Scalar;
  /**
   * Norm of the gradient that the optimizer is given: after clipping, where the step clips. If the norm
   * before clipping is not finite it is that one, as such a gradient may be clipped to nothing.
   */
  readonly gradientNorm: tf.Scalar;
  /** Norm of all parameters after the update. */
  readonly parameterNorm: tf.Scalar;
};

/** The training step as pure functions. */
export interface TrainStep<P extends Tree, Batch, M extends Metrics = Metrics> {
  /**
   * The state before the first step. The tensors of the optimizer, of the gradient's memory and of the
   * average are new, the others those given.
   */
  readonly init: (
    variables: { readonly params: P; readonly state?: TensorRecord },
  ) => TrainState<P>;
  /** From a state, a batch and the run's seed to the next state and its metrics: new tensors. */
  readonly step: (
    state: TrainState<P>,
    batch: Batch,
    seed: random.Seed,
  ) => { state: TrainState<P>; metrics: StepMetrics<M> };
}

/** Options of {@linkcode trainStep}. */
export interface TrainStepOptions {
  /** Largest global norm of the gradient; none by default. */
  readonly gradientClipping?: number | undefined;
  /** Decay of the moving average of parameters and batch statistics; 0, the default, keeps none. */
  readonly averageDecay?: number | undefined;
}

/** Names that a run gives to other numbers than a loss's metrics. */
const TAKEN: readonly string[] = [
  ...["gradientNorm", "parameterNorm", "lastGradientNorm", "lastParameterNorm"],
  ...["step", "epoch", "stepInEpoch", "stepsPerEpoch", "trainExamples", "testExamples"],
  ...["format", "sha256", "seed"],
];

/**
 * The training step: gradient, clipping by global norm, update, moving average.
 *
 * ```ts
 * import { optim, random, tf, train } from "sam";
 *
 * const loss = ({ w }: { w: tf.Tensor }, x: tf.Tensor) => tf.mean(tf.square(tf.sub(x, w)));
 * const { init, step } = train.trainStep(optim.valueAndGrad(loss), optim.sgd(0.1));
 * const start = init({ params: { w: tf.scalar(0) } });
 * const { state, metrics } = step(start, tf.tensor1d([1, 3]), random.seed(0));
 * console.log(metrics.loss.dataSync()[0]); // 5
 * console.log(state.params.w.dataSync()[0]); // 0.4
 * ```
 *
 * Source: `train_step` in `flax_training.py` of the reference.
 *
 * @throws TypeError for a gradient that is neither a function nor has `init` and `update`, and for an
 *   optimizer without them
 * @throws RangeError for a norm that is not positive, or a decay outside of [0, 1)
 * @throws TypeError (when called) for a metric that is not a scalar, or whose name is taken, and for a
 *   gradient or an optimizer that gives something else than its type says, or changes its state's form
 */
export function trainStep<P extends Tree, Batch, M extends Metrics = Metrics>(
  gradient: GradientFunction<P, Batch, M> | StatefulGradient<P, Batch, M>,
  optimizer: Optimizer,
  { gradientClipping, averageDecay = 0 }: TrainStepOptions = {},
): TrainStep<P, Batch, M> {
  checkParts(gradient, optimizer, { gradientClipping, averageDecay });
  const memory = typeof gradient === "function" ? undefined : gradient;
  return {
    init: ({ params, state = {} }) =>
      tidy(() => ({
        params,
        state,
        optimizer: checkedState("optimizer", optimizer.init(params)),
        ...memory && { gradient: checkedState("gradient", memory.init(params)) },
        step: tf.scalar(0, "int32") as tf.Scalar,
        // Copies: a step may overwrite what it is given.
        ...averageDecay > 0 && { average: mapTree((leaf) => tf.add(leaf, 0), { params, state }) },
      })),
    step: (before, batch, seed) =>
      tidy(() => {
        const pass = { state: before.state, seed: random.foldIn(seed, before.step) };
        const [found, remembered] = gradientAt(before, gradient, batch, pass);
        const [grads, gradientNorm] = clipped(found.grads, gradientClipping);
        const { params, optimizer: optimizerState } = descended(before, optimizer, grads);
        const { state } = found;
        const step = tf.add(before.step, tf.scalar(1, "int32")) as tf.Scalar;
        const average = before.average && movedAverage(
          before.average,
          { params, state },
          movingAverageDecay(averageDecay, step),
        );
        return {
          state: {
            params,
            state,
            optimizer: optimizerState,
            ...remembered !== undefined && { gradient: remembered },
            step,
            ...average && { average },
          },
          metrics: {
            ...named(found.metrics, found.loss),
            gradientNorm,
            parameterNorm: globalNorm(params),
          },
        };
      }),
  };
}

/** Refuses what no step can be made of, as {@linkcode trainStep} says. */
function checkParts(
  gradient: unknown,
  optimizer: Optimizer,
  { gradientClipping, averageDecay }: {
    gradientClipping: number | undefined;
    averageDecay: number;
  },
): void {
  if (gradientClipping !== undefined) checkMaxNorm(gradientClipping);
  if (!(Number.isFinite(averageDecay) && averageDecay >= 0 && averageDecay < 1)) {
    throw new RangeError(`Cannot average with decay ${averageDecay}: it must be in [0, 1)`);
  }
  if (typeof gradient !== "function" && !isPair(gradient)) {
    throw new TypeError(
      "Cannot take this gradient: it is neither a function nor has it an `init` and an `update`",
    );
  }
  if (!isPair(optimizer)) {
    throw new TypeError(
      "Cannot take this optimizer: it has no `init` and `update`. Take one such as optim.sgd(0.1)",
    );
  }
}

/** Whether something has an `init` and an `update`, as optimizers have. */
function isPair(value: unknown): boolean {
  const { init, update } = (value ?? {}) as Partial<Optimizer>;
  return typeof init === "function" && typeof update === "function";
}

/** The gradient at a state, and what it remembers from then on, if it has a memory. */
function gradientAt<P extends Tree, Batch, M extends Metrics>(
  { params, state, gradient: memory }: TrainState<P>,
  gradient: GradientFunction<P, Batch, M> | StatefulGradient<P, Batch, M>,
  batch: Batch,
  pass: Pass,
): readonly [Gradient<P, M>, memory?: Tree] {
  if (typeof gradient === "function") {
    return [checkedGradient(gradient(params, batch, pass), { params, state })];
  }
  const [found, next] = checkedPair("gradient", gradient.update(params, memory!, batch, pass));
  requireAlike("the gradient's memory", next, "its init", memory!);
  return [checkedGradient(found, { params, state }), next];
}

/** What the optimizer makes of a state's parameters, and of its own state. */
function descended<P extends Tree>(
  before: TrainState<P>,
  optimizer: Optimizer,
  grads: P,
): Pick<TrainState<P>, "params" | "optimizer"> {
  const given = optimizer.update(grads, before.optimizer, before.params);
  const [updates, state] = checkedPair("optimizer", given);
  requireAlike("the optimizer's update", updates, "the parameters", before.params);
  requireAlike("the optimizer's state", state, "its init", before.optimizer);
  return { params: applyUpdates(before.params, updates), optimizer: state };
}

/** The gradient that the optimizer is given, and the norm that is told of it. */
function clipped<P extends Tree>(grads: P, maxNorm: number | undefined): [P, tf.Scalar] {
  const norm = globalNorm(grads);
  if (maxNorm === undefined) return [grads, norm];
  const given = clipToNorm(grads, maxNorm, norm);
  return [given, tf.where(tf.isFinite(norm), globalNorm(given), norm) as tf.Scalar];
}

/** The metrics of a loss, the loss itself among them. */
function named<M extends Metrics>(metrics: M, loss: tf.Scalar): M & { readonly loss: tf.Scalar } {
  const taken = TAKEN.find((name) => Object.hasOwn(metrics, name));
  if (taken === undefined) return { loss, ...checkedMetrics(metrics) };
  throw new TypeError(
    `Cannot log the metric ${taken}: a run has another number of this name. Choose another name`,
  );
}
