/** An evaluation that workers share is that of one process. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { freePorts } from "../../lib/system/mod.ts";
import { missingPosix, testUnless } from "../_skip.ts";
import { tinyConfig } from "../train/_runs.ts";
import { runWorkers, start, tfConfig } from "./_workers.ts";

const HEAD = `
import { clusterFrom, Workers } from "./lib/distributed/mod.ts";
import { tf } from "./lib/tensorflow/mod.ts";
import * as optim from "./lib/optim/mod.ts";
import * as train from "./lib/train/mod.ts";
import { Crew } from "./lib/train/_crew.ts";
const workers = await Workers.connect(clusterFrom());
const { rank } = workers;
const { share } = new Crew(workers);
`;

/** What each printed, as JSON. */
async function printed(count: number, script: string): Promise<unknown[]> {
  const ended = await runWorkers(count, HEAD + script);
  return ended.map(({ code, stdout, stderr }) => {
    assertEquals(code, 0, stderr + stdout);
    return JSON.parse(stdout);
  });
}

interface Evaluation {
  readonly figures: Readonly<Record<string, number>>;
  readonly outcome: unknown;
}

testUnless(
  missingPosix,
  "workers evaluate a share each of sets of any size: errors exactly, losses to rounding",
  async () => {
    // 3 shares of 8 examples: a rest, a worker without any, two without, whole turns.
    const counts = [30, 13, 5, 48];
    const config = {
      ...tinyConfig,
      batchSize: 24,
      labelNoise: 0.3,
      evaluateTrainingSet: true,
      evaluateTop5: true,
      emaDecay: 0.9,
    };
    const all = await printed(
      3,
      `
      const config = ${JSON.stringify(config)};
      async function evaluated(testCount, share) {
        const changes = { ...config, testCount, trainCount: 24 + testCount };
        const task = await train.buildTask(changes, share && { workers });
        using evaluator = train.classificationEvaluator(task);
        if (share) evaluator.shareWith(share);
        const { init } = train.trainStep(task.gradient, task.optimizer, task);
        const before = tf.memory().numTensors;
        const variables = task.model.init(0, task.inputShape);
        const state = init(variables);
        const figures = await evaluator.evaluate(state);
        tf.dispose([variables, state]);
        if (tf.memory().numTensors !== before) throw new Error("tensors are left");
        return { figures, outcome: evaluator.outcome() };
      }
      const found = [];
      for (const count of ${JSON.stringify(counts)}) {
        found.push([await evaluated(count, share), await evaluated(count)]);
      }
      console.log(JSON.stringify(found));
      await workers.exchange([0]);
      workers[Symbol.dispose]();`,
    ) as [Evaluation, Evaluation][][];
    for (const worker of all) {
      for (const [together, alone] of worker) {
        assertEquals(together.outcome, alone.outcome);
        assertEquals(Object.keys(together.figures), Object.keys(alone.figures));
        assertEquals(Object.keys(alone.figures).length, 15);
        for (const [name, value] of Object.entries(alone.figures)) {
          const found = together.figures[name]!;
          if (name.endsWith("Error")) assertEquals(found, value, name);
          else assert(Math.abs(found - value) <= 1e-5 * value, `${name}: ${found}, alone ${value}`);
        }
      }
    }
  },
);

/** A task of the mean of five batches, the last of one example; a worker's own alone are finite. */
const MEAN = `
const batch = (value, isLast) => ({ x: tf.fill([isLast ? 1 : 3], value) });
const task = (evaluation) => train.task({
  parameters: { w: tf.scalar(1) },
  loss: ({ w }, { x }) => tf.mean(tf.mul(x, w)),
  optimizer: optim.sgd(0.1),
  training: train.batches({ x: [1, 2] }, { batchSize: 1 }),
  evaluation,
  epochs: 2,
});
`;

testUnless(
  missingPosix,
  "workers share the evaluation of a task of one's own, which one of them leaves for all",
  async () => {
    const all = await printed(
      2,
      `${MEAN}
      let controller = new AbortController();
      const evaluation = {
        size: 5,
        *epoch() {
          for (let index = 0; index < 5; index++) {
            if (index === 2 && isLeft && rank === 1) controller.abort();
            yield batch(index % 2 === rank ? index : NaN, index === 4);
          }
        },
      };
      let isLeft = false;
      using evaluator = train.meanEvaluator(task(evaluation));
      evaluator.shareWith(share);
      const state = { params: { w: tf.scalar(1) }, state: {} };
      const figures = await evaluator.evaluate(state, controller.signal);
      const before = tf.memory().numTensors;
      isLeft = true;
      const left = await evaluator.evaluate(state, controller.signal);
      console.log(JSON.stringify([figures, left ?? "left", tf.memory().numTensors - before]));
      await workers.exchange([0]);
      workers[Symbol.dispose]();`,
    );
    // 3 · (0 + 1 + 2 + 3) + 4 of 13 examples.
    for (const found of all) assertEquals(found, [{ testLoss: 22 / 13 }, "left", 0]);
  },
);

testUnless(missingPosix, "a worker is killed in an evaluation: the others name it", async () => {
  const ports = freePorts(2);
  const script = `${HEAD}${MEAN}
  const evaluation = {
    size: 5,
    async *epoch() {
      for (let index = 0; index < 5; index++) {
        if (index === 1) console.log("in the evaluation");
        if (rank === 1) await new Promise((resolve) => setTimeout(resolve, 60_000));
        yield batch(index, index === 4);
      }
    },
  };
  try {
    for await (const _ of train.fit(task(evaluation), { workers }));
  } catch (error) {
    console.log(error.name + ": " + error.message);
  }`;
  const workers = ports.map((_, rank) =>
    start(["eval", "--no-check", "--ext=ts", script], { TF_CONFIG: tfConfig(ports, rank) })
  );
  try {
    await workers[0]!.until("in the evaluation");
    workers[1]!.process.kill("SIGKILL");
    const { stdout } = await workers[0]!.ended;
    const lost = `worker 1 of 2 (127.0.0.1:${ports[1]}) does not answer`;
    assertStringIncludes(stdout, `WorkerError: Cannot train on: ${lost}`);
  } finally {
    await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
  }
});
