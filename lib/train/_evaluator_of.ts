import type { Metrics } from "../optim/mod.ts";
import { isRecord } from "../system/mod.ts";
import { tf, type Tree } from "../tensorflow/mod.ts";
import { meanEvaluator } from "./evaluator.ts";
import type { Evaluator, Figures, Task } from "./task.ts";

/**
 * The evaluator that a task names, or means over its evaluation data.
 *
 * @throws TypeError for something else than an evaluator
 */
export function evaluatorOf<P extends Tree, B, M extends Metrics>(
  task: Task<P, B, M>,
): Evaluator<P> {
  if (task.evaluator === undefined) return meanEvaluator(task);
  const evaluator: Evaluator<P> | undefined = task.evaluator(task);
  for (const name of ["evaluate", Symbol.dispose] as const) {
    if (typeof evaluator?.[name] === "function") continue;
    throw new TypeError(
      `Cannot evaluate: what the task's evaluator gives has no ${
        name === "evaluate" ? "function `evaluate`" : "function [Symbol.dispose]"
      }`,
    );
  }
  return evaluator;
}

/** What a run writes into a row besides figures and labels. */
const TAKEN = new Set([
  ...["step", "learningRate"],
  ...["gradientNorm", "parameterNorm", "lastGradientNorm", "lastParameterNorm"],
]);

/**
 * Figures as an evaluator gave them.
 *
 * @param row what the epoch's row has without them
 * @throws TypeError that names the first one that is no number, or whose name the row has already
 */
export function checkedFigures(figures: Figures, row: object): Figures {
  const wrong = (what: string) =>
    new TypeError(`Cannot log ${what}: an evaluation gives numbers by names of their own`);
  if (!isRecord(figures)) throw wrong(`the figures ${figures}`);
  for (const [name, figure] of Object.entries<unknown>(figures)) {
    if (Object.hasOwn(row, name) || TAKEN.has(name)) {
      throw wrong(`the figure ${name}, which a row has already`);
    }
    if (typeof figure === "number") continue;
    const found = figure instanceof tf.Tensor ? "a tensor" : `${figure}`;
    throw wrong(`the figure ${name}, which is ${found}`);
  }
  return figures;
}
