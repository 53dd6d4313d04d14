import { checkedMetrics, lossParts, type Metrics } from "../optim/mod.ts";
import { compile, random, tidy, type Tree } from "../tensorflow/mod.ts";
import { consuming, read } from "./_step_values.ts";
import { inTurn, summed } from "./_summed.ts";
import { examplesIn } from "./batches.ts";
import { figureName } from "../metrics/mod.ts";
import type { ModelVariables } from "./step.ts";
import type { EvaluationShare, Evaluator, Figures, Task } from "./task.ts";

/**
 * Evaluates by means over the examples of the task's evaluation data: of what its `measure` gives, or
 * else its loss. Figures are named `test…`; where an average of the parameters is kept they are the
 * average's, and those of the last parameters are named `lastTest…`. Of several workers each reads all
 * batches and measures those that are its turn.
 *
 * ```ts
 * import { optim, random, tf, train } from "sam";
 *
 * const data = train.batches({ x: [1, 2, 3] }, { batchSize: 2, shuffle: false });
 * const task = train.task({
 *   parameters: { w: tf.scalar(0) },
 *   loss: ({ w }, { x }) => tf.mean(tf.square(tf.sub(x, w))),
 *   optimizer: optim.sgd(0.1),
 *   training: data,
 *   evaluation: data,
 *   epochs: 1,
 * });
 * using evaluator = train.meanEvaluator(task);
 * const { init } = train.trainStep(optim.valueAndGrad(task.loss!), task.optimizer);
 * const figures = await evaluator.evaluate(init({ params: { w: tf.scalar(2) } }));
 * console.log(figures); // { testLoss: 0.667 }
 * ```
 */
export function meanEvaluator<P extends Tree, B, M extends Metrics>(
  task: Task<P, B, M>,
): Evaluator<P> {
  const { evaluation, precision } = task;
  const step = compile(measureOf(task), { precision, name: "the evaluation step" });
  const seed = random.seed(0);
  let share: EvaluationShare | undefined;

  async function means(
    variables: ModelVariables<P>,
    prefix: string,
    signal: AbortSignal | undefined,
  ): Promise<Figures | undefined> {
    if (evaluation === undefined) return {};
    const found = await summed(inTurn(evaluation, share), async (batch) => {
      const count = examplesIn(batch);
      const values = read(await consuming(batch, () => step(variables, batch, seed)));
      return { sums: Object.entries(values).map(([name, value]) => [name, count * value]) };
    }, { signal, share });
    if (found === undefined) return undefined;
    const { sums, examples } = found;
    return Object.fromEntries(
      Object.entries(sums).map(([name, sum]) => [figureName(prefix, name), sum / examples]),
    );
  }

  return {
    async evaluate({ params, state, average }, signal) {
      const last = { params, state };
      const figures = await means(average ?? last, "test", signal);
      if (figures === undefined || average === undefined) return figures;
      const others = await means(last, "lastTest", signal);
      return others && { ...figures, ...others };
    },
    shareWith(found) {
      share = found;
    },
    [Symbol.dispose]() {
      step.dispose();
      seed.dispose();
    },
  };
}

/** What is measured of a batch: the task's measure, or its loss without training. */
function measureOf<P extends Tree, B, M extends Metrics>({ measure, loss }: Task<P, B, M>) {
  return (variables: ModelVariables<P>, batch: B, seed: random.Seed): Metrics =>
    tidy(() => {
      if (measure !== undefined) return checkedMetrics(measure(variables, batch));
      const { params, state } = variables;
      const found = lossParts(loss!(params, batch, { state, seed, evaluate: true }));
      return { loss: found.loss, ...found.metrics };
    });
}
