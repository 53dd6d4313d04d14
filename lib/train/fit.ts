import type { Workers } from "../distributed/mod.ts";
import type { RowOf } from "./row_of.ts";
import { type Metrics, valueAndGrad } from "../optim/mod.ts";
import {
  compile,
  type Compiled,
  leaves,
  random,
  TensorFlowError,
  tf,
  type Tree,
} from "../tensorflow/mod.ts";
import {
  contentsOf,
  meansOf,
  NO_SUMS,
  plus,
  type Position,
  sizesOf,
  startingPosition,
} from "./_position.ts";
import { SaveSchedule } from "./_save_schedule.ts";
import { Speed } from "./_speed.ts";
import { toArrays } from "./_state_arrays.ts";
import { consuming, read } from "./_step_values.ts";
import { batchesAfter, examplesIn } from "./batches.ts";
import { Crew } from "./_crew.ts";
import { cellInterruptSignal } from "./cell_interrupt.ts";
import {
  type Checkpoint,
  latestCheckpoint,
  saveAdditionalCheckpoint,
  saveCheckpoint,
} from "./checkpoint.ts";
import type {
  CheckpointEvent,
  EndEvent,
  EpochEvent,
  StepEvent,
  TrainEvent,
  WarningEvent,
} from "./events.ts";
import { divergedError, isFiniteStep } from "./divergence.ts";
import { meanEvaluator } from "./evaluator.ts";
import { parametersSha256 } from "./parameters.ts";
import { figureName, isEvaluationDue, type RunLabels } from "../metrics/mod.ts";
import { type TrainStep, trainStep } from "./step.ts";
import { checkTask, type Evaluator, type Figures, type Task } from "./task.ts";

/** How a task is trained. */
export interface FitOptions {
  /**
   * Folder of checkpoints, to resume from and to save to: after each epoch, or as often as the task
   * says, and in the end; none by default.
   */
  readonly folder?: string;
  /**
   * When it is aborted, the loop saves after the running step and ends; default: the interrupt of
   * the notebook's cell.
   */
  readonly signal?: AbortSignal | undefined;
  /** Go on from the latest checkpoint in the folder; default true. */
  readonly resume?: boolean;
  /**
   * Called once, before the first checkpoint is saved and the first step is made, when nothing stands
   * in their way any more: the data give a batch, and the step is traced for it.
   */
  readonly onReady?: () => Promise<void>;
  /**
   * The processes that train together: each is called with the same task, whose gradient takes means
   * over the workers and whose training data are its share of each batch. The chief evaluates and saves;
   * all read the same folder. If any is told to stop, all do, after the same step.
   */
  readonly workers?: Workers | undefined;
}

/** Of a run that says nothing of itself. */
const LABELS: RunLabels = {
  dataset: "own",
  model: "own",
  method: "own",
  rho: 0,
  labelNoise: 0,
  seed: 0,
};

/**
 * Trains a model and tells of it, event by event. With a folder it goes on from the latest
 * checkpoint there, also from one in the middle of an epoch, and then continues bit for bit as if
 * it had never been stopped; on another kind of machine, or with another number of threads, up to
 * rounding, for TensorFlow's order of summation depends on both.
 *
 * The row of an epoch is told before its checkpoint is saved, so that whoever writes rows down has
 * them all when a run is resumed. The last epoch is evaluated and saved in any case. Aborted, it saves
 * after the running step; an evaluation is left, and made when the run goes on. Tensors are the
 * loop's own: all are disposed when it ends or is left.
 *
 * ```ts
 * import { optim, tf, train } from "sam";
 *
 * const task = train.task({
 *   parameters: { w: tf.zeros([2, 1]) },
 *   loss: ({ w }, { x, y }) => tf.mean(tf.square(tf.sub(tf.matMul(x, w as tf.Tensor2D), y))),
 *   optimizer: optim.sgd(0.1),
 *   training: train.batches({ x: tf.ones([8, 2]), y: tf.ones([8, 1]) }, { batchSize: 4 }),
 *   epochs: 3,
 * });
 * using progress = train.createProgress();
 * for await (const event of train.fit(task)) progress.show(event);
 * ```
 *
 * @throws DivergedError if a loss is not finite, unless the task says that the run goes on; nothing is
 *   saved then
 * @throws RangeError if the checkpoint is of another model, or of more or fewer data
 * @throws TypeError for a task that lacks a part, or a loss that is no scalar
 *
 * Source: `train_for_one_epoch` and `train` in `flax_training.py` of the reference.
 */
export async function* fit<P extends Tree, B, M extends Metrics>(
  task: Task<P, B, M>,
  { folder, signal = cellInterruptSignal(), resume = true, onReady, workers }: FitOptions = {},
): AsyncGenerator<TrainEvent<RowOf<M>>> {
  checkTask(task);
  const crew = new Crew(workers);
  const started = performance.now();
  const warnings = [...task.warnings ?? []];
  let loop: Loop<P, B, M> | undefined;
  try {
    const checkpoint = folder === undefined || !resume
      ? undefined
      : await latestCheckpoint(folder, { warn: (message) => warnings.push(message) });
    const warn = (text: string) => void warnings.push(text);
    loop = await Loop.start(task, checkpoint, { folder, onReady, warn, signal, crew });
    const { position } = loop;
    const sizes = sizesOf(task);
    await crew.agreeOn(task.config ?? {}, sizes, position as unknown as Position<Tree>);
    yield {
      type: "start",
      config: task.config ?? {},
      parameterCount: leaves(position.state.params).reduce((sum, { size }) => sum + size, 0),
      ...sizes,
      epochs: task.epochs,
      ...checkpoint && { resumedFrom: { epoch: checkpoint.epoch, path: checkpoint.path } },
    };
    for (const message of warnings) yield { type: "warning", message };
    while (position.epoch < task.epochs && !loop.isStopping) {
      if (yield* loop.epoch()) {
        const event = await loop.finishEpoch();
        if (event) yield event;
      }
      if (folder !== undefined && crew.isChief && (loop.isStopping || loop.isSaveDue)) {
        yield await loop.save(folder);
      }
    }
    await crew.join(); // no worker leaves before the chief has saved
    yield loop.end(started);
  } catch (error) {
    const diagnose = async () =>
      error instanceof TensorFlowError && await task.diagnose?.() || error;
    throw await crew.explain(error, diagnose);
  } finally {
    loop?.dispose();
  }
}

/** What the loop has from its caller. */
interface LoopOptions extends Pick<FitOptions, "folder" | "onReady"> {
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal | undefined;
  readonly crew: Crew;
}

class Loop<P extends Tree, B, M extends Metrics> {
  readonly position: Position<P>;
  readonly #task: Task<P, B, M>;
  readonly #seed: random.Seed;
  readonly #step: Compiled<
    [tf.Scalar | null, ...Parameters<TrainStep<P, B, M>["step"]>],
    ReturnType<TrainStep<P, B, M>["step"]> & { stopping?: tf.Scalar }
  >;
  readonly #evaluator: Evaluator<P>;
  readonly #saves: SaveSchedule;
  readonly #folder: string | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #crew: Crew;
  /** Whether another worker is told to stop, or this one. */
  #stopping = false;
  #onReady: (() => Promise<void>) | undefined;
  #finite = true;
  /** When the epoch was begun or resumed, and how many steps and examples it has had since. */
  #begun = { time: 0, steps: 0, examples: 0 };

  /** Draws the initial variables, or takes those of the checkpoint. */
  static async start<P extends Tree, B, M extends Metrics>(
    task: Task<P, B, M>,
    checkpoint: Checkpoint | undefined,
    options: LoopOptions,
  ): Promise<Loop<P, B, M>> {
    const { gradient = valueAndGrad(task.loss!), optimizer } = task;
    const { init, step } = trainStep(gradient, optimizer, task);
    const position = await startingPosition(task, init, checkpoint, options.warn);
    return new Loop(task, step, position, options);
  }

  constructor(
    task: Task<P, B, M>,
    step: TrainStep<P, B, M>["step"],
    position: Position<P>,
    { folder, onReady, signal, crew }: LoopOptions,
  ) {
    this.#task = task;
    this.#signal = signal;
    this.#crew = crew;
    this.#folder = folder;
    this.#onReady = onReady;
    this.position = position;
    this.#seed = random.seed(task.seed ?? 0);
    this.#step = compile(crew.stoppable(step), {
      donate: [1],
      precision: task.precision,
      name: "the training step",
    });
    this.#evaluator = task.evaluator?.(task) ?? meanEvaluator(task);
    this.#saves = new SaveSchedule(task.saveProgressSeconds ?? 0);
  }

  dispose(): void {
    tf.dispose([this.#seed, ...leaves(this.position.state as Tree)]);
    this.#step.dispose();
    this.#evaluator[Symbol.dispose]();
  }

  /** Whether a checkpoint is due, after an epoch. */
  get isSaveDue(): boolean {
    return this.position.epoch === this.#task.epochs || this.#saves.isDueAtEpochEnd;
  }

  /** Whether the run is to be saved and left: at once, or as all workers know. */
  get isStopping(): boolean {
    return this.#crew.isAlone ? this.#signal?.aborted ?? false : this.#stopping;
  }

  /** Trains what is left of an epoch. @returns whether it came to its end */
  async *epoch(): AsyncGenerator<StepEvent | CheckpointEvent | WarningEvent, boolean> {
    const { position } = this;
    const folder = this.#folder;
    const { training, seed = 0 } = this.#task;
    const speed = new Speed();
    this.#begun = { time: performance.now(), steps: 0, examples: 0 };
    const order = epochSeed(seed, position.epoch);
    for await (const batch of batchesAfter(training, position.stepInEpoch, order)) {
      const parameterNormBefore = position.last.lastParameterNorm;
      const { kept, event } = await this.#trainStep(batch, speed);
      if (kept) yield kept;
      yield event;
      const parameterNorm = position.last.lastParameterNorm;
      if (this.#task.onNan !== "continue" && !isFiniteStep({ ...event, parameterNorm })) {
        const diverged = { ...event, parameterNorm, parameterNormBefore };
        throw await divergedError(this.#task, diverged, folder);
      }
      if (this.#finite && !Number.isFinite(event.loss)) {
        this.#finite = false;
        yield { type: "warning", message: `The loss is ${event.loss} since step ${event.step}` };
      }
      if (this.isStopping) break;
      const isLast = position.stepInEpoch === training.size;
      const isSaver = folder !== undefined && this.#crew.isChief;
      if (isSaver && this.#saves.isDue && !isLast) yield await this.save(folder);
      if (isLast) break;
    }
    const isWhole = position.stepInEpoch === training.size;
    if (!isWhole && !this.isStopping) {
      throw new Error(
        `Cannot finish epoch ${position.epoch + 1}: the data ended after step ` +
          `${position.stepInEpoch} of ${training.size}; they became fewer since they were counted: ` +
          "bring them back, and the same command goes on, or restart",
      );
    }
    return isWhole;
  }

  /** Evaluates where it is due, and counts the epoch as done; not if the evaluation is aborted. */
  async finishEpoch(): Promise<EpochEvent<RowOf<M>> | undefined> {
    const { position } = this;
    const { training, labels, seed = 0 } = this.#task;
    const trained = (performance.now() - this.#begun.time) / 1000;
    const epoch = position.epoch + 1;
    const evaluated = await this.#evaluate(epoch);
    await this.#ready();
    if (evaluated === undefined) return undefined;
    const { gradientNorm, parameterNorm, ...measured } = meansOf(position) as StepMeans;
    const figures = Object.entries(measured).map(([name, mean]) =>
      [figureName("train", name), mean] as const
    );
    const row = { ...LABELS, seed, ...labels, epoch, ...Object.fromEntries(figures), ...evaluated };
    const event: EpochEvent<RowOf<M>> = {
      type: "epoch",
      row: row as unknown as RowOf<M>,
      step: epoch * training.size,
      ...this.#learningRate(epoch * training.size - 1),
      gradientNorm,
      parameterNorm,
      ...position.last,
      seconds: (performance.now() - this.#begun.time) / 1000,
      imagesPerSecond: this.#begun.examples / trained,
      millisecondsPerStep: 1000 * trained / this.#begun.steps,
    };
    Object.assign(position, { epoch, stepInEpoch: 0, sums: NO_SUMS });
    return event;
  }

  /** @returns undefined if the evaluation was left */
  async #evaluate(epoch: number): Promise<Figures | undefined> {
    if (!isEvaluationDue(epoch, this.#task)) return {};
    const evaluated = this.#crew.isChief
      ? await this.#evaluator.evaluate(this.position.state, this.#signal)
      : {};
    const isStopped = this.#signal?.aborted ?? false;
    const [isLeft, isStopping] = await this.#crew.any(evaluated === undefined, isStopped);
    this.#stopping = isStopping!;
    return isLeft ? undefined : evaluated;
  }

  async save(folder: string): Promise<CheckpointEvent> {
    const { position } = this;
    const path = await saveCheckpoint(folder, contentsOf(position, this.#task));
    this.#saves.saved();
    return { type: "checkpoint", path, epoch: position.epoch };
  }

  /** Saves a checkpoint to be kept, if one is due: before the first step of an epoch. */
  async #saveAdditional(): Promise<CheckpointEvent | undefined> {
    const { epoch, stepInEpoch } = this.position;
    const isDue = stepInEpoch === 0 &&
      (this.#task.additionalCheckpointsAtEpochs ?? []).includes(epoch);
    if (this.#folder === undefined || !isDue || !this.#crew.isChief) return undefined;
    const contents = contentsOf(this.position, this.#task);
    return {
      type: "checkpoint",
      path: await saveAdditionalCheckpoint(this.#folder, contents),
      epoch,
    };
  }

  /** Tells once that the run begins. */
  async #ready(): Promise<void> {
    const onReady = this.#onReady;
    this.#onReady = undefined;
    await onReady?.();
  }

  end(started: number): EndEvent {
    const { state, epoch, stepInEpoch } = this.position;
    return {
      type: "end",
      reason: epoch >= this.#task.epochs ? "finished" : "interrupted",
      epoch,
      step: epoch * this.#task.training.size + stepInEpoch,
      sha256: parametersSha256(toArrays(state.params)),
      seconds: (performance.now() - started) / 1000,
    };
  }

  /** @returns what it measured, and the checkpoint that was to be kept from before it */
  async #trainStep(
    batch: B,
    speed: Speed,
  ): Promise<{ kept: CheckpointEvent | undefined; event: StepEvent }> {
    const { position } = this;
    const examples = examplesIn(batch) * this.#crew.size;
    const stop = this.#crew.isAlone ? null : tf.scalar(this.#signal?.aborted ? 1 : 0);
    const { kept, state, metrics, stopping } = await consuming(
      { batch, ...stop && { stop } },
      async () => {
        this.#step.trace(stop, position.state, batch, this.#seed);
        await this.#ready();
        const kept = await this.#saveAdditional();
        return { kept, ...await this.#step(stop, position.state, batch, this.#seed) };
      },
    );
    position.state = state;
    if (stopping !== undefined) this.#stopping = read({ stopping }).stopping > 0;
    const values: StepMeans = read(metrics);
    const { gradientNorm, parameterNorm, ...measured } = values;
    position.last = { lastGradientNorm: gradientNorm, lastParameterNorm: parameterNorm };
    position.sums = plus(position, values);
    position.stepInEpoch++;
    this.#begun.examples += examples;
    this.#begun.steps++;
    const step = position.epoch * this.#task.training.size + position.stepInEpoch;
    const stepsPerSecond = speed.lap();
    const event: StepEvent = {
      type: "step",
      step,
      epoch: position.epoch + 1,
      stepInEpoch: position.stepInEpoch,
      loss: measured.loss,
      metrics: measured,
      gradientNorm,
      ...this.#learningRate(step - 1),
      stepsPerSecond,
      imagesPerSecond: stepsPerSecond * examples,
    };
    return { kept, event };
  }

  /** @param step steps done before */
  #learningRate(step: number): { readonly learningRate?: number } {
    const schedule = this.#task.learningRate ?? this.#task.optimizer.learningRate;
    if (schedule === undefined) return {};
    return { learningRate: tf.tidy(() => schedule(tf.scalar(step)).dataSync()[0]!) };
  }
}

/** What every step measures, and its mean over an epoch, besides what the loss names. */
type StepMeans = Readonly<Record<string, number>> & {
  readonly loss: number;
  readonly gradientNorm: number;
  readonly parameterNorm: number;
};

/** Differs in all bits for each epoch, and for neighbouring seeds of runs. */
function epochSeed(seed: number, epoch: number): number {
  return Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(epoch + 1, 0x85ebca6b);
}
