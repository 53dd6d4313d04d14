import type { Metrics } from "../optim/mod.ts";
import { choice, integer, list, matches, number, shown, text, wordsOf } from "../schema/mod.ts";
import { isRecord } from "../system/mod.ts";
import type { Tree } from "../tensorflow/mod.ts";
import { checkParameters } from "./_check_parameters.ts";
import type { Task } from "./task.ts";

/**
 * A task as it is given, its parts checked against each other by their types.
 *
 * ```ts
 * import { optim, tf, train } from "sam";
 *
 * const task = train.task({
 *   parameters: { w: tf.scalar(0) },
 *   loss: ({ w }, { x }) => tf.mean(tf.square(tf.sub(x, w))),
 *   optimizer: optim.sgd(0.1),
 *   training: train.batches({ x: [1, 2, 3, 4] }, { batchSize: 2 }),
 *   epochs: 1,
 * });
 * console.log(task.training.size); // 2
 * ```
 *
 * @throws TypeError unless it has parameters of tensors or a model, a loss or a gradient, an optimizer,
 *   and functions where functions belong
 * @throws RangeError for a setting that cannot be, such as epochs that are not a whole number
 */
export function task<P extends Tree, B, M extends Metrics = Metrics>(
  task: Task<P, B, M>,
): Task<P, B, M> {
  checkTask(task);
  return task;
}

/**
 * Refuses a task that cannot be trained, as {@linkcode task} does.
 *
 * ```ts
 * import { optim, tf, train } from "sam";
 *
 * train.checkTask({
 *   parameters: { w: tf.scalar(0) },
 *   loss: ({ w }, { x }) => tf.mean(tf.square(tf.sub(x, w))),
 *   optimizer: optim.sgd(0.1),
 *   training: train.batches({ x: [1, 2] }, { batchSize: 1 }),
 *   epochs: 1,
 * });
 * ```
 *
 * @throws TypeError and RangeError, as {@linkcode task} does
 */
export function checkTask<P extends Tree, B, M extends Metrics>(task: Task<P, B, M>): void {
  if (typeof task !== "object" || task === null) {
    throw new TypeError(`Cannot train ${task}: it is not a task; a builder must return one`);
  }
  const { model, parameters, loss, gradient, optimizer, training, epochs } = task;
  const missing = [
    isMissing(model) && isMissing(parameters) && "a model or parameters",
    isMissing(loss) && isMissing(gradient) && "a loss or a gradient",
    isMissing(optimizer) && "an optimizer",
    isMissing(training) && "training data",
  ].filter((name) => name !== false);
  if (missing.length > 0) throw new TypeError(`Cannot train: the task lacks ${missing[0]}`);
  if (model !== undefined && parameters !== undefined) {
    throw new TypeError("Cannot train: the task has both a model and parameters; give one of them");
  }
  if (typeof optimizer.init !== "function" || typeof optimizer.update !== "function") {
    throw new TypeError(
      "Cannot train: the task's optimizer has no `init` and `update`. Take one such as optim.sgd(0.1)",
    );
  }
  if (model !== undefined && typeof model.init !== "function") {
    throw new TypeError(
      "Cannot train: the task's model has no `init`. Take one such as those of nn.model, or give parameters",
    );
  }
  checkKinds(task);
  if (parameters !== undefined && typeof parameters !== "function") checkParameters(parameters);
  requireCount("epochs", epochs, 0);
  requireCount("steps in an epoch (the size of its training data)", training.size, 1);
  const { seed = 0 } = task;
  if ((seed | 0) !== seed) {
    throw new RangeError(`Cannot train with seed ${seed}: it must be a whole number of 32 bits`);
  }
  if (training.examples !== undefined) requireCount("examples in an epoch", training.examples, 0);
  checkEvaluation(task);
}

/** Refuses what cannot be evaluated. */
function checkEvaluation<P extends Tree, B, M extends Metrics>(
  { evaluation, evaluateEvery = 1, evaluator, measure, loss }: Task<P, B, M>,
): void {
  if (!Number.isSafeInteger(evaluateEvery) || evaluateEvery < 1) {
    throw new RangeError(
      `Cannot evaluate every ${evaluateEvery} epochs: it must be a whole number >= 1`,
    );
  }
  if (evaluation === undefined) return;
  if (evaluation.size === 0) {
    throw new RangeError(
      "Cannot evaluate: the task's evaluation data have no batch; leave them out",
    );
  }
  if (evaluator) return;
  const { size, examples = 1 } = evaluation;
  for (const [what, count] of [["batches", size], ["examples", examples]] as const) {
    if (Number.isSafeInteger(count) && count >= 0) continue;
    throw new RangeError(`Cannot evaluate ${count} ${what}: it must be a whole number >= 0`);
  }
  if (!measure && !loss) {
    throw new TypeError(
      "Cannot evaluate: the task has evaluation data, but neither `measure` nor a loss to measure",
    );
  }
}

function isMissing(part: unknown): boolean {
  return part === undefined || part === null;
}

const FUNCTIONS = ["loss", "learningRate", "measure", "evaluator", "restore", "diagnose"] as const;

/** What is checked of a setting besides where it is used. */
const SETTINGS = {
  inputShape: list(integer({ min: 1 })),
  trainExamples: integer({ min: 0 }),
  testExamples: integer({ min: 0 }),
  precision: choice("float32", "bfloat16"),
  averageDecay: number({ min: 0, max: 1, belowMax: true }),
  saveProgressSeconds: number({ min: 0 }),
  onNan: choice("stop", "continue"),
  additionalCheckpointsAtEpochs: list(integer({ min: 0 })),
  warnings: list(text()),
} as const;

/** What a label is, so that a row can be read back. */
const LABELS = {
  dataset: text(),
  model: text(),
  method: text(),
  rho: number(),
  labelNoise: number(),
  seed: integer(),
} as const;

/** Refuses parts that are of another kind than types would let them be. */
function checkKinds<P extends Tree, B, M extends Metrics>(task: Task<P, B, M>): void {
  const wrong = (name: string, value: unknown, expected: string) =>
    new TypeError(`Cannot train with ${name} ${shown(value)}: it must be ${expected}`);
  for (const name of FUNCTIONS) {
    const part: unknown = task[name];
    if (part !== undefined && typeof part !== "function") throw wrong(name, part, "a function");
  }
  for (const name of ["labels", "config"] as const) {
    const part: unknown = task[name];
    if (part !== undefined && !isRecord(part)) throw wrong(name, part, "a record");
  }
  for (const [name, value] of Object.entries<unknown>(task.labels ?? {})) {
    const label = LABELS[name as keyof typeof LABELS];
    if (label === undefined) {
      const known = Object.keys(LABELS).join(", ");
      throw new TypeError(`Cannot label a run by ${name}: choose from ${known}, or use config`);
    }
    if (value !== undefined && !matches(label, value)) {
      throw wrong(`the label ${name}`, value, wordsOf(label).expected);
    }
  }
  for (const name of ["training", "evaluation"] as const) {
    const part: unknown = task[name];
    if (part === undefined || hasEpochs(part)) continue;
    throw wrong(name, part, "batches such as those of train.batches, with a size and an epoch()");
  }
  for (const [name, setting] of Object.entries(SETTINGS)) {
    const value = task[name as keyof typeof SETTINGS];
    if (value === undefined || matches(setting, value)) continue;
    throw new RangeError(
      `Cannot train with ${name} ${shown(value)}: it must be ${wordsOf(setting).expected}`,
    );
  }
}

function hasEpochs(part: unknown): boolean {
  return typeof part === "object" && part !== null && "epoch" in part &&
    typeof part.epoch === "function";
}

function requireCount(what: string, count: number, least: number): void {
  if (Number.isSafeInteger(count) && count >= least) return;
  throw new RangeError(
    `Cannot train for ${shown(count)} ${what}: it must be a whole number >= ${least}`,
  );
}
