import { checkedMetrics, lossParts, type Metrics } from "../optim/mod.ts";
import { compile, random, tidy, type Tree } from "../tensorflow/mod.ts";
import { consuming, read } from "./_step_values.ts";
import { type Batches, examplesIn } from "./batches.ts";
import { figureName } from "../metrics/mod.ts";
import type { ModelVariables } from "./step.ts";
import type { Evaluator, Figures, Task } from "./task.ts";

/**
 * Evaluates by means over the examples of the task's evaluation data: of what its `measure` gives, or
 * else its loss. Figures are named `test…`; where an average of the parameters is kept they are the
 * average's, and those of the last parameters are named `lastTest…`.
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

  async function means(
    variables: ModelVariables<P>,
    prefix: string,
    signal: AbortSignal | undefined,
  ): Promise<Figures> {
    if (evaluation === undefined) return {};
    const { sums, examples } = await summed(evaluation, async (batch) => {
      const count = examplesIn(batch);
      const values = read(await consuming(batch, () => step(variables, batch, seed)));
      return Object.entries(values).map(([name, value]) => [name, count * value]);
    }, signal);
    return Object.fromEntries(
      Object.entries(sums).map(([name, sum]) => [figureName(prefix, name), sum / examples]),
    );
  }

  return {
    async evaluate({ params, state, average }, signal) {
      const last = { params, state };
      const figures = {
        ...await means(average ?? last, "test", signal),
        ...average && await means(last, "lastTest", signal),
      };
      return signal?.aborted ? undefined : figures;
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

/** Sums over batches until the signal is aborted, and of how many examples. */
export async function summed<B>(
  batches: Pick<Batches<B>, "epoch">,
  step: (batch: B) => Promise<(readonly [name: string, value: number])[]>,
  signal: AbortSignal | undefined,
): Promise<{ sums: Record<string, number>; examples: number }> {
  const sums = new Map<string, number>();
  const done = () => ({ sums: Object.fromEntries(sums), examples });
  let examples = 0;
  if (signal?.aborted) return done();
  for await (const batch of batches.epoch()) {
    const count = examplesIn(batch);
    for (const [name, value] of await step(batch)) sums.set(name, (sums.get(name) ?? 0) + value);
    examples += count;
    if (signal?.aborted) break;
  }
  return done();
}
