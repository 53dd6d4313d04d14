import { type Metrics, MOVING_AVERAGE_WARM_UP, valueAndGrad } from "../optim/mod.ts";
import { figureName, isEvaluationDue, type RunLabels } from "../metrics/mod.ts";
import { compile, type Compiled, leaves, random, tf, type Tree } from "../tensorflow/mod.ts";
import type { Crew } from "./_crew.ts";
import {
  contentsOf,
  meansOf,
  NO_SUMS,
  plus,
  type Position,
  startingPosition,
} from "./_position.ts";
import { SaveSchedule } from "./_save_schedule.ts";
import { Speed } from "./_speed.ts";
import { toArrays } from "./_state_arrays.ts";
import { consuming, read } from "./_step_values.ts";
import { batchesAfter, examplesIn } from "./batches.ts";
import { type Checkpoint, saveAdditionalCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { divergedError, isFiniteStep } from "./divergence.ts";
import { checkedFigures, evaluatorOf } from "./_evaluator_of.ts";
import type { CheckpointEvent, EndEvent, EpochEvent, StepEvent, WarningEvent } from "./events.ts";
import { parametersSha256 } from "./parameters.ts";
import type { RowOf } from "./row_of.ts";
import { type TrainStep, trainStep } from "./step.ts";
import type { Evaluator, Figures, Task } from "./task.ts";

/** Of a run that says nothing of itself. */
const LABELS: RunLabels = {
  dataset: "own",
  model: "own",
  method: "own",
  rho: 0,
  labelNoise: 0,
  seed: 0,
};

/** The likely cause of a gradient of zeros. */
const NO_GRADIENT = "does the loss use the parameters that it is given?";

/** In which a signal that came during a trace is heard, in milliseconds. */
const HEAR_MS = 10;

/** What the loop has from its caller. */
export interface LoopOptions {
  readonly folder: string | undefined;
  /** Called once, before anything is saved or trained. */
  readonly onReady: (() => Promise<void>) | undefined;
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal | undefined;
  readonly crew: Crew;
}

/** The steps, evaluations and checkpoints of a training, from where it stands. */
export class Loop<P extends Tree, B, M extends Metrics> {
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
  /** Whether another worker is told to stop, or this one, as of the last step or trace. */
  #stopping = false;
  #onReady: (() => Promise<void>) | undefined;
  #finite = true;
  #isTraced = false;
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
    const steps = task.epochs * task.training.size;
    if ((task.averageDecay ?? 0) > 0 && steps < MOVING_AVERAGE_WARM_UP) {
      options.warn(
        `The moving average will equal the last parameters: it begins after ` +
          `${MOVING_AVERAGE_WARM_UP} steps, as in the reference, and this run has ${steps}`,
      );
    }
    try {
      return new Loop(task, step, position, evaluatorOf(task), options);
    } catch (error) {
      tf.dispose(leaves(position.state as Tree));
      throw error;
    }
  }

  constructor(
    task: Task<P, B, M>,
    step: TrainStep<P, B, M>["step"],
    position: Position<P>,
    evaluator: Evaluator<P>,
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
    this.#evaluator = evaluator;
    if (crew.share) this.#evaluator.shareWith?.(crew.share);
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
      const trained = await this.#trainStep(batch, speed);
      if (trained === undefined) break;
      const { kept, event } = trained;
      if (kept) yield kept;
      yield event;
      if (event.step === 1 && event.gradientNorm === 0) {
        yield { type: "warning", message: "The gradient of the first step is 0: " + NO_GRADIENT };
      }
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
          `${position.stepInEpoch} of ${training.size}, fewer than their size says: if they were ` +
          "more, bring them back, and the same command goes on, or restart",
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
    await this.ready();
    if (evaluated === undefined) return undefined;
    const { gradientNorm, parameterNorm, ...measured } = meansOf(position) as StepMeans;
    const figures = Object.entries(measured).map(([name, mean]) =>
      [figureName("train", name), mean] as const
    );
    const own = Object.entries(labels ?? {}).filter(([, label]) => label !== undefined);
    const named = { ...LABELS, seed, ...Object.fromEntries(own) };
    const row = { ...named, epoch, ...Object.fromEntries(figures) };
    Object.assign(row, checkedFigures(evaluated, row));
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
    const evaluates = this.#crew.isChief || this.#evaluator.shareWith !== undefined;
    const evaluated = evaluates
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

  /** Tells once that the run begins: before the first step, or that there is none to make. */
  async ready(): Promise<void> {
    const onReady = this.#onReady;
    this.#onReady = undefined;
    await onReady?.();
  }

  end(started: number): EndEvent {
    const { state, epoch, stepInEpoch } = this.position;
    const outcome = this.#evaluator.outcome?.();
    return {
      type: "end",
      reason: epoch >= this.#task.epochs ? "finished" : "interrupted",
      epoch,
      step: epoch * this.#task.training.size + stepInEpoch,
      sha256: parametersSha256(toArrays(state.params)),
      seconds: (performance.now() - started) / 1000,
      ...outcome && { outcome },
    };
  }

  /**
   * Whether the run is to be left between the trace of its first step and the step itself, as all
   * workers know: of large networks each takes minutes, and JavaScript hears no signal in a trace.
   */
  async #isLeftAfterTrace(): Promise<boolean> {
    if (this.#isTraced) return false;
    this.#isTraced = true;
    await new Promise((resolve) => setTimeout(resolve, HEAR_MS));
    const [isStopping] = await this.#crew.any(this.#signal?.aborted ?? false);
    return this.#stopping = isStopping!;
  }

  /**
   * @returns what it measured, and the checkpoint that was to be kept from before it; undefined if it
   *   was left in front of the step
   */
  async #trainStep(
    batch: B,
    speed: Speed,
  ): Promise<{ kept: CheckpointEvent | undefined; event: StepEvent } | undefined> {
    const { position } = this;
    const examples = examplesIn(batch) * this.#crew.size;
    const stop = this.#crew.isAlone ? null : tf.scalar(this.#signal?.aborted ? 1 : 0);
    const done = await consuming(
      { batch, ...stop && { stop } },
      async () => {
        this.#step.trace(stop, position.state, batch, this.#seed);
        await this.ready();
        if (await this.#isLeftAfterTrace()) return undefined;
        const kept = await this.#saveAdditional();
        return { kept, ...await this.#step(stop, position.state, batch, this.#seed) };
      },
    );
    if (done === undefined) return undefined;
    const { kept, state, metrics, stopping } = done;
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
    return {
      learningRate: tf.tidy(() => {
        const rate: unknown = schedule(tf.scalar(step));
        if (rate instanceof tf.Tensor && rate.rank === 0) return rate.dataSync()[0]!;
        const found = rate instanceof tf.Tensor ? `of shape [${rate.shape}]` : `${rate}`;
        throw new TypeError(
          `Cannot log the learning rate ${found}: the task's learningRate must give a scalar tensor`,
        );
      }),
    };
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
