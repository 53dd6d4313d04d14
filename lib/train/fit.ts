import type { Variables } from "../nn/mod.ts";
import {
  compile,
  type Compiled,
  leaves,
  random,
  TensorFlowError,
  type TensorRecord,
  tf,
} from "../tensorflow/mod.ts";
import { Speed } from "./_speed.ts";
import { fromArrays, toArrays } from "./_state_arrays.ts";
import { cellInterruptSignal } from "./cell_interrupt.ts";
import { type Checkpoint, latestCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { evaluationStep, type EvaluationSums } from "./evaluate.ts";
import type { CheckpointEvent, EndEvent, EpochEvent, StepEvent, TrainEvent } from "./events.ts";
import type { Batch } from "./loss.ts";
import { parametersSha256 } from "./parameters.ts";
import { initialState, type StepMetrics, type TrainState, trainStep } from "./step.ts";
import type { Task } from "./task.ts";

/** How a task is trained. */
export interface FitOptions {
  /** Folder of checkpoints, to resume from and to save to after each epoch; none by default. */
  readonly folder?: string;
  /**
   * When it is aborted, the loop saves after the running step and ends; default: the interrupt of
   * the notebook's cell.
   */
  readonly signal?: AbortSignal | undefined;
}

/** How far a run is. */
interface Position extends Sums {
  state: TrainState;
  /** Epochs done. */
  epoch: number;
}

/** Steps done of the epoch that is running, and the sums over them. */
interface Sums {
  stepInEpoch: number;
  loss: number;
  error: number;
}

/** The last step's figures, for the epoch's event. */
interface Last {
  gradientNorm: number;
  parameterNorm: number;
}

/**
 * Trains a model and tells of it, event by event. With a folder it goes on from the latest
 * checkpoint there, also from one in the middle of an epoch, and then continues bit for bit as if
 * it had never been stopped; on another kind of machine, or with another number of threads, up to
 * rounding, for TensorFlow's order of summation depends on both.
 *
 * The row of an epoch is told before its checkpoint is saved, so that whoever writes rows down has
 * them all when a run is resumed. Tensors are the loop's own: all are disposed when it ends or is
 * left.
 *
 * Source: `train_for_one_epoch` and `eval_on_dataset` in `flax_training.py` of the reference.
 */
export async function* fit(
  task: Task,
  { folder, signal = cellInterruptSignal() }: FitOptions = {},
): AsyncGenerator<TrainEvent> {
  const started = performance.now();
  const warnings = [...task.warnings ?? []];
  const checkpoint = folder === undefined
    ? undefined
    : await latestCheckpoint(folder, { warn: (message) => warnings.push(message) });
  const loop = new Loop(task, checkpoint, (message) => warnings.push(message));
  const { position } = loop;
  try {
    yield {
      type: "start",
      config: task.config,
      parameterCount: leaves(position.state.params).reduce((sum, { size }) => sum + size, 0),
      trainExamples: task.trainExamples,
      testExamples: task.testExamples,
      stepsPerEpoch: task.training.size,
      epochs: task.epochs,
      ...checkpoint && { resumedFrom: { epoch: checkpoint.epoch, path: checkpoint.path } },
    };
    for (const message of warnings) yield { type: "warning", message };
    while (position.epoch < task.epochs && !signal?.aborted) {
      if (yield* loop.epoch(signal)) yield await loop.finishEpoch();
      if (folder !== undefined) yield await loop.save(folder);
    }
    yield loop.end(started);
  } catch (error) {
    throw error instanceof TensorFlowError && await task.diagnose?.() || error;
  } finally {
    loop.dispose();
  }
}

class Loop {
  readonly position: Position;
  readonly #task: Task;
  readonly #seed: random.Seed;
  readonly #step: Compiled<
    [TrainState, Batch, random.Seed],
    { state: TrainState; metrics: StepMetrics }
  >;
  readonly #evaluate: Compiled<
    [{ params: TensorRecord; state: TensorRecord }, Batch],
    EvaluationSums
  >;
  #last: Last = { gradientNorm: NaN, parameterNorm: NaN };
  #finite = true;
  /** When the epoch was begun or resumed, and with how many of its steps done. */
  #begun = { time: 0, step: 0 };

  constructor(
    task: Task,
    checkpoint: Checkpoint | undefined,
    warn: (message: string) => void,
  ) {
    const { gradient, optimizer, gradientClipping, averageDecay, model, labelSmoothing } = task;
    this.#task = task;
    this.position = startingPosition(task, checkpoint, warn);
    this.#seed = random.seed(task.seed);
    const step = trainStep(gradient, optimizer, { gradientClipping, averageDecay });
    this.#step = compile(step, { donate: [0], name: "the training step" });
    const evaluate = evaluationStep(model, { labelSmoothing });
    this.#evaluate = compile(evaluate, { name: "the evaluation step" });
  }

  dispose(): void {
    tf.dispose([this.#seed, ...leaves(this.position.state)]);
    this.#step.dispose();
    this.#evaluate.dispose();
  }

  /** Trains what is left of an epoch. @returns whether it came to its end */
  async *epoch(signal: AbortSignal | undefined): AsyncGenerator<TrainEvent, boolean> {
    const { position } = this;
    const { training, seed } = this.#task;
    const speed = new Speed();
    this.#begun = { time: performance.now(), step: position.stepInEpoch };
    for await (
      const batch of training.skip(position.stepInEpoch).epoch(epochSeed(seed, position.epoch))
    ) {
      const event = await this.#trainStep(batch, speed);
      yield event;
      if (this.#finite && !Number.isFinite(event.loss)) {
        this.#finite = false;
        yield { type: "warning", message: `The loss is ${event.loss} since step ${event.step}` };
      }
      if (signal?.aborted) break;
    }
    return position.stepInEpoch === training.size;
  }

  /** Evaluates, and counts the epoch as done. */
  async finishEpoch(): Promise<EpochEvent> {
    const { position } = this;
    const { training, evaluation, testExamples, labels } = this.#task;
    const steps = position.stepInEpoch;
    const trained = (performance.now() - this.#begun.time) / 1000;
    const { params, state } = position.state.average ?? position.state;
    let loss = 0;
    let errors = 0;
    for await (const batch of evaluation.epoch()) {
      const sums = read(await consuming(batch, () => this.#evaluate({ params, state }, batch)));
      loss += sums.loss;
      errors += sums.errors;
    }
    const event: EpochEvent = {
      type: "epoch",
      row: {
        ...labels,
        epoch: position.epoch + 1,
        trainLoss: position.loss / steps,
        trainError: position.error / steps,
        testLoss: loss / testExamples,
        testError: errors / testExamples,
      },
      step: (position.epoch + 1) * training.size,
      learningRate: this.#learningRate((position.epoch + 1) * training.size - 1),
      ...this.#last,
      seconds: (performance.now() - this.#begun.time) / 1000,
      imagesPerSecond: (steps - this.#begun.step) * this.#task.inputShape[0]! / trained,
    };
    Object.assign(position, { epoch: position.epoch + 1, stepInEpoch: 0, loss: 0, error: 0 });
    return event;
  }

  async save(folder: string): Promise<CheckpointEvent> {
    const { state, epoch, stepInEpoch, loss, error } = this.position;
    const path = await saveCheckpoint(folder, {
      epoch,
      step: epoch * this.#task.training.size + stepInEpoch,
      arrays: toArrays(state),
      metadata: { stepInEpoch: `${stepInEpoch}`, loss: `${loss}`, error: `${error}` },
    });
    return { type: "checkpoint", path, epoch };
  }

  end(started: number): EndEvent {
    const { state, epoch, stepInEpoch } = this.position;
    return {
      type: "end",
      reason: epoch === this.#task.epochs ? "finished" : "interrupted",
      epoch,
      step: epoch * this.#task.training.size + stepInEpoch,
      sha256: parametersSha256(toArrays(state.params)),
      seconds: (performance.now() - started) / 1000,
    };
  }

  async #trainStep(batch: Batch, speed: Speed): Promise<StepEvent> {
    const { position } = this;
    const examples = batch.images.shape[0]!;
    const { state, metrics } = await consuming(
      batch,
      () => this.#step(position.state, batch, this.#seed),
    );
    position.state = state;
    const { loss, error, ...last } = read(metrics);
    this.#last = last;
    position.stepInEpoch++;
    position.loss += loss;
    position.error += error;
    const step = position.epoch * this.#task.training.size + position.stepInEpoch;
    const stepsPerSecond = speed.lap();
    return {
      type: "step",
      step,
      epoch: position.epoch + 1,
      stepInEpoch: position.stepInEpoch,
      loss,
      error,
      gradientNorm: last.gradientNorm,
      learningRate: this.#learningRate(step - 1),
      stepsPerSecond,
      imagesPerSecond: stepsPerSecond * examples,
    };
  }

  /** @param step steps done before */
  #learningRate(step: number): number {
    return tf.tidy(() => this.#task.learningRate(tf.scalar(step)).dataSync()[0]!);
  }
}

function startingPosition(
  task: Task,
  checkpoint: Checkpoint | undefined,
  warn: (message: string) => void,
): Position {
  const variables = task.model.init(task.seed, task.inputShape);
  if (checkpoint === undefined) {
    const state = initialState(restored(task, variables, warn), task.optimizer, task);
    return { state, epoch: 0, stepInEpoch: 0, loss: 0, error: 0 };
  }
  const state = initialState(variables, task.optimizer, task);
  try {
    const { arrays, epoch, metadata, path } = checkpoint;
    const sums = sumsOf(metadata, path);
    return { state: fromArrays(arrays, state, path), epoch, ...sums };
  } finally {
    tf.dispose(leaves(state));
  }
}

/** What a run begins with. The initial variables are disposed unless they are it. */
function restored({ restore }: Task, initial: Variables, warn: (message: string) => void) {
  if (restore === undefined) return initial;
  try {
    const { variables, replaced } = restore(initial);
    if (replaced.length > 0) {
      warn(`Drawn anew, as the checkpoint has another number of classes: ${replaced.join(", ")}`);
    }
    return variables;
  } finally {
    tf.dispose(leaves({ ...initial }));
  }
}

/** As text, for JSON has no NaN, which the sums of a diverged run are. */
function sumsOf(metadata: Readonly<Record<string, string>>, path: string): Sums {
  const { stepInEpoch, loss, error } = metadata;
  if (stepInEpoch === undefined || loss === undefined || error === undefined) {
    throw new RangeError(`Cannot resume from ${path}: it does not say how far its epoch was`);
  }
  return { stepInEpoch: Number(stepInEpoch), loss: Number(loss), error: Number(error) };
}

/** Runs a step and disposes its batch, also if it fails. */
async function consuming<T>(batch: Batch, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } finally {
    tf.dispose([batch.images, batch.labels]);
  }
}

/** Differs in all bits for each epoch, and for neighbouring seeds of runs. */
function epochSeed(seed: number, epoch: number): number {
  return Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(epoch + 1, 0x85ebca6b);
}

/** The values of scalars, which are disposed. */
function read<T extends object>(scalars: T): { [K in keyof T]: number } {
  const entries = Object.entries(scalars as Record<string, tf.Tensor>).map(([name, scalar]) => {
    const value = scalar.dataSync()[0]!;
    scalar.dispose();
    return [name, value];
  });
  return Object.fromEntries(entries);
}
