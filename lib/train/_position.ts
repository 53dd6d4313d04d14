import type { Metrics } from "../optim/mod.ts";
import { leaves, tf, type Tree } from "../tensorflow/mod.ts";
import { initialVariables } from "./_initial_variables.ts";
import { requireAlike } from "./_step_parts.ts";
import { checkParameters } from "./_check_parameters.ts";
import { toArrays, treeFromArrays } from "./_state_arrays.ts";
import type { EpochEvent } from "./events.ts";
import type { Checkpoint, CheckpointContents } from "./checkpoint.ts";
import type { ModelVariables, TrainState, TrainStep } from "./step.ts";
import type { Task } from "./task.ts";

/** How far a run is: what a checkpoint holds. */
export interface Position<P extends Tree> {
  state: TrainState<P>;
  /** Epochs done. */
  epoch: number;
  /** Steps done of the epoch that is running. */
  stepInEpoch: number;
  /** Of what those steps measured. */
  sums: Sums;
  /** Of the last one of them; NaN where there is none. */
  last: LastNorms;
}

/** What is told of the last step of an epoch. */
export type LastNorms = Pick<EpochEvent, "lastGradientNorm" | "lastParameterNorm">;

/** Sums over the steps of an epoch, by what was measured. */
export type Sums = Readonly<Record<string, number>>;

/** Before the first step of an epoch. */
export const NO_SUMS: Sums = {};

const NO_NORMS: LastNorms = { lastGradientNorm: NaN, lastParameterNorm: NaN };

/**
 * The sums with what another step measured.
 *
 * @throws RangeError if the steps before, of another session, measured something else
 */
export function plus({ sums, stepInEpoch }: Position<Tree>, metrics: Sums): Sums {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => {
      const sum = stepInEpoch === 0 ? 0 : sums[name];
      if (sum !== undefined) return [name, sum + value];
      throw new RangeError(
        `Cannot go on in the middle of the epoch: its steps before did not measure ${name}. Use the ` +
          "loss that the run was started with, or restart",
      );
    }),
  );
}

/** The means over an epoch's steps. */
export function meansOf({ sums, stepInEpoch }: Position<Tree>): Sums {
  return Object.fromEntries(
    Object.entries(sums).map(([name, sum]) => [name, sum / stepInEpoch]),
  );
}

/** Where a checkpoint was, or the beginning. The tensors are the caller's. */
export async function startingPosition<P extends Tree, B, M extends Metrics>(
  task: Task<P, B, M>,
  init: TrainStep<P, B, M>["init"],
  checkpoint: Checkpoint | undefined,
  warn: (message: string) => void,
): Promise<Position<P>> {
  const variables = await initialVariables(task);
  if (checkpoint === undefined) {
    const state = begun(restored(task, variables, warn), init);
    return { state, epoch: 0, stepInEpoch: 0, sums: NO_SUMS, last: NO_NORMS };
  }
  const state = begun(variables, init);
  try {
    const { arrays, epoch, metadata, path } = checkpoint;
    const progress = progressOf(metadata, path);
    requireSameSizes(task, checkpoint);
    requireSameSeed(task, checkpoint);
    requireNoMoreEpochs(task, checkpoint, progress);
    return {
      state: treeFromArrays(arrays, state as Tree, path) as typeof state,
      epoch,
      ...progress,
    };
  } finally {
    tf.dispose(leaves(state as Tree));
  }
}

/** The state before the first step. If there is none, the variables are disposed. */
function begun<P extends Tree, B, M extends Metrics>(
  variables: ModelVariables<P>,
  init: TrainStep<P, B, M>["init"],
): TrainState<P> {
  try {
    return init(variables);
  } catch (error) {
    tf.dispose(leaves(variables as Tree));
    throw error;
  }
}

/** A position as it is saved. Numbers are text, for JSON has no NaN, which a diverged run's sums are. */
export function contentsOf<P extends Tree, B, M extends Metrics>(
  position: Position<P>,
  task: Task<P, B, M>,
): CheckpointContents {
  const { state, epoch, stepInEpoch, sums, last } = position;
  return {
    epoch,
    step: epoch * task.training.size + stepInEpoch,
    arrays: toArrays(state as Tree),
    metadata: Object.fromEntries(
      Object.entries({ stepInEpoch, ...sums, ...last, ...sizesOf(task), seed: task.seed ?? 0 })
        .map(([name, value]) => [name, `${value}`]),
    ),
  };
}

/** How much data a run has, as far as it is known. */
export function sizesOf<P extends Tree, B, M extends Metrics>(
  { trainExamples, testExamples, training, evaluation }: Task<P, B, M>,
) {
  const train = trainExamples ?? training.examples;
  const test = testExamples ?? evaluation?.examples;
  return {
    ...train !== undefined && { trainExamples: train },
    ...test !== undefined && { testExamples: test },
    stepsPerEpoch: training.size,
  };
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
function requireSameSizes<P extends Tree, B, M extends Metrics>(
  task: Task<P, B, M>,
  { metadata, path }: Checkpoint,
): void {
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

/** @throws RangeError for a task with another seed, whose order and draws would be others */
function requireSameSeed(
  { seed = 0 }: { readonly seed?: number },
  { metadata, path }: Checkpoint,
): void {
  if (metadata.seed === undefined || Number(metadata.seed) === seed) return;
  throw new RangeError(
    `Cannot resume from ${path}: it was trained with seed ${metadata.seed}, and the task has seed ` +
      `${seed}. Choose another folder, or restart`,
  );
}

/** @throws RangeError for a task of fewer epochs than are done, which it cannot give back */
function requireNoMoreEpochs(
  { epochs }: { readonly epochs: number },
  { epoch, path }: Checkpoint,
  { stepInEpoch }: Pick<Position<Tree>, "stepInEpoch">,
): void {
  if (epoch < epochs || epoch === epochs && stepInEpoch === 0) return;
  const steps = stepInEpoch === 0 ? "" : ` and ${stepInEpoch} steps`;
  throw new RangeError(
    `Cannot train for ${epochs} epochs: the run of ${path} has done ${epoch}${steps}. Ask for as many ` +
      "or more, choose another folder, or restart",
  );
}

/** @throws RangeError in the middle of an epoch of which is not known how many steps it has */
function requireSizes(metadata: Readonly<Record<string, string>>, path: string): void {
  if (metadata.stepsPerEpoch !== undefined) return;
  throw new RangeError(
    `Cannot resume from ${path}: it is in the middle of an epoch and does not say how many steps ` +
      "that has, as an older version wrote it; go on with that one, or restart",
  );
}

/** Of a checkpoint, what says how far its epoch was; the other entries are sums. */
function progressOf(
  metadata: Readonly<Record<string, string>>,
  path: string,
): Pick<Position<Tree>, "stepInEpoch" | "sums" | "last"> {
  if (metadata.stepInEpoch === undefined) {
    throw new RangeError(
      `Cannot resume from ${path}: it does not say how far its epoch was (stepInEpoch is missing)`,
    );
  }
  const {
    stepInEpoch,
    lastGradientNorm = NaN,
    lastParameterNorm = NaN,
    trainExamples: _,
    testExamples: __,
    stepsPerEpoch: ___,
    seed: ____,
    ...sums
  } = metadata;
  if (Number(stepInEpoch) > 0) requireSizes(metadata, path);
  return {
    stepInEpoch: Number(stepInEpoch),
    sums: Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, Number(sum)])),
    last: {
      lastGradientNorm: Number(lastGradientNorm),
      lastParameterNorm: Number(lastParameterNorm),
    },
  };
}

/** What a run begins with. The initial variables are disposed unless they are it. */
function restored<P extends Tree, B, M extends Metrics>(
  { restore }: Task<P, B, M>,
  initial: { readonly params: P; readonly state: TrainState["state"] },
  warn: (message: string) => void,
) {
  if (restore === undefined) return initial;
  const drawn = leaves(initial);
  let taken: readonly tf.Tensor[] = [];
  try {
    const { variables, replaced = [] } = restore(initial) ?? {} as ReturnType<typeof restore>;
    taken = leaves(variables);
    requireAlike("what the task restores", variables, "its model", initial);
    checkParameters(variables.params);
    if (replaced.length > 0) {
      warn(`Drawn anew, as the checkpoint has another number of classes: ${replaced.join(", ")}`);
    }
    tf.dispose(drawn.filter((tensor) => !taken.includes(tensor)));
    return variables;
  } catch (error) {
    tf.dispose([...drawn, ...taken]);
    throw error;
  }
}
