import type { Variables } from "../nn/mod.ts";
import { leaves, tf } from "../tensorflow/mod.ts";
import { fromArrays, toArrays } from "./_state_arrays.ts";
import type { EpochEvent } from "./events.ts";
import type { Checkpoint, CheckpointContents } from "./checkpoint.ts";
import { initialState, type TrainState } from "./step.ts";
import type { Task } from "./task.ts";

/** How far a run is: what a checkpoint holds. */
export interface Position {
  state: TrainState;
  /** Epochs done. */
  epoch: number;
  /** Steps done of the epoch that is running. */
  stepInEpoch: number;
  /** Of the metrics of those steps. */
  sums: Sums;
  /** Of the last one of them; NaN where there is none. */
  last: LastNorms;
}

/** What is told of the last step of an epoch. */
export type LastNorms = Pick<EpochEvent, "lastGradientNorm" | "lastParameterNorm">;

/** Sums over the steps of an epoch. */
export type Sums = Readonly<Record<typeof SUMMED[number], number>>;

const SUMMED = ["loss", "error", "gradientNorm", "parameterNorm"] as const;

/** Before the first step of an epoch. */
export const NO_SUMS: Sums = { loss: 0, error: 0, gradientNorm: 0, parameterNorm: 0 };

const NO_NORMS: LastNorms = { lastGradientNorm: NaN, lastParameterNorm: NaN };

/** The sums with another step's metrics. */
export function plus(sums: Sums, metrics: Sums): Sums {
  return mapSums((name) => sums[name] + metrics[name]);
}

/** The means over an epoch's steps. */
export function meansOf({ sums, stepInEpoch }: Position): Sums {
  return mapSums((name) => sums[name] / stepInEpoch);
}

/** Where a checkpoint was, or the beginning. The tensors are the caller's. */
export function startingPosition(
  task: Task,
  checkpoint: Checkpoint | undefined,
  warn: (message: string) => void,
): Position {
  const variables = task.model.init(task.seed, task.inputShape);
  if (checkpoint === undefined) {
    const state = initialState(restored(task, variables, warn), task.optimizer, task);
    return { state, epoch: 0, stepInEpoch: 0, sums: NO_SUMS, last: NO_NORMS };
  }
  const state = initialState(variables, task.optimizer, task);
  try {
    const { arrays, epoch, metadata, path } = checkpoint;
    const progress = progressOf(metadata, path);
    requireSameSizes(task, checkpoint);
    return { state: fromArrays(arrays, state, path), epoch, ...progress };
  } finally {
    tf.dispose(leaves(state));
  }
}

/** A position as it is saved. Numbers are text, for JSON has no NaN, which a diverged run's sums are. */
export function contentsOf(position: Position, task: Task): CheckpointContents {
  const { state, epoch, stepInEpoch, sums, last } = position;
  return {
    epoch,
    step: epoch * task.training.size + stepInEpoch,
    arrays: toArrays(state),
    metadata: Object.fromEntries(
      Object.entries({ stepInEpoch, ...sums, ...last, ...sizesOf(task) })
        .map(([name, value]) => [name, `${value}`]),
    ),
  };
}

/** How much data a run has. */
function sizesOf({ trainExamples, testExamples, training }: Task) {
  return { trainExamples, testExamples, stepsPerEpoch: training.size };
}

/** What the sizes are of, in a sentence. */
const SIZED = {
  trainExamples: "training examples",
  testExamples: "test examples",
  stepsPerEpoch: "steps in an epoch",
} as const;

/**
 * @throws RangeError if the data have become more or fewer, by which the rest of the run would be
 *   another one
 */
function requireSameSizes(task: Task, { metadata, path }: Checkpoint): void {
  for (const [name, size] of Object.entries(sizesOf(task))) {
    const saved = metadata[name];
    const what = SIZED[name as keyof typeof SIZED];
    if (saved === undefined || Number(saved) === size) continue;
    throw new RangeError(
      `Cannot resume from ${path}: it was trained with ${saved} ${what}, and there are ${size}; ` +
        "bring the data back as they were, choose another output folder, or restart",
    );
  }
}

/** @throws RangeError in the middle of an epoch of which is not known how many steps it has */
function requireSizes(metadata: Readonly<Record<string, string>>, path: string): void {
  if (metadata.stepsPerEpoch !== undefined) return;
  throw new RangeError(
    `Cannot resume from ${path}: it is in the middle of an epoch and does not say how many steps ` +
      "that has, as an older version wrote it; go on with that one, or restart",
  );
}

function progressOf(
  metadata: Readonly<Record<string, string>>,
  path: string,
): Pick<Position, "stepInEpoch" | "sums" | "last"> {
  const number = (name: string) => {
    if (metadata[name] !== undefined) return Number(metadata[name]);
    throw new RangeError(
      `Cannot resume from ${path}: it does not say how far its epoch was (${name} is missing)`,
    );
  };
  const stepInEpoch = number("stepInEpoch");
  if (stepInEpoch > 0) requireSizes(metadata, path);
  const sums = stepInEpoch === 0 ? NO_SUMS : mapSums(number);
  const { lastGradientNorm, lastParameterNorm } = { ...NO_NORMS, ...metadata };
  const last = {
    lastGradientNorm: Number(lastGradientNorm),
    lastParameterNorm: Number(lastParameterNorm),
  };
  return { stepInEpoch, sums, last };
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

function mapSums(value: (name: keyof Sums) => number): Sums {
  return Object.fromEntries(SUMMED.map((name) => [name, value(name)])) as Sums;
}
