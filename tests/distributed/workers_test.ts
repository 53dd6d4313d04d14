/** What several processes on this machine do together. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { missingPosix, testUnless } from "../_skip.ts";
import { type Ended, runWorkers } from "./_workers.ts";

const HEAD = `
import { clusterFrom, Workers } from "./lib/distributed/mod.ts";
import { compile, tf } from "./lib/tensorflow/mod.ts";
const workers = await Workers.connect(clusterFrom());
const { rank } = workers;
`;

const run = (count: number, script: string) => runWorkers(count, HEAD + script);

/** What each printed, as JSON. */
function printed(ended: readonly Ended[]): unknown[] {
  return ended.map(({ code, stdout, stderr }) => {
    assertEquals(code, 0, stderr + stdout);
    return JSON.parse(stdout);
  });
}

testUnless(
  missingPosix,
  "workers: means over all and over neighbours, in and beyond one bucket",
  async () => {
    const ended = await run(
      4,
      `
    const means = compile((x) => ({
      all: workers.meanOf([x, { deep: tf.mul(x, 10) }]),
      pairs: workers.meanOf([x], { of: 2 }),
      alone: workers.meanOf([x], { of: 1 }),
      large: tf.max(workers.meanOf([tf.fill([3_000_000], 1).mul(x), x])[0]),
    }));
    const before = tf.memory().numTensors;
    const x = tf.scalar(rank);
    const { all: [a, { deep }], pairs: [pair], alone: [alone], large } = await means(x);
    console.log(JSON.stringify([a, deep, pair, alone, large].map((t) => t.dataSync()[0])));
    tf.dispose([x, a, deep, pair, alone, large]);
    if (tf.memory().numTensors !== before) throw new Error("tensors are left");
    await workers.exchange([0]);
    workers[Symbol.dispose]();`,
    );
    assertEquals(printed(ended), [
      [1.5, 15, 0.5, 0, 1.5],
      [1.5, 15, 0.5, 1, 1.5],
      [1.5, 15, 2.5, 2, 1.5],
      [1.5, 15, 2.5, 3, 1.5],
    ]);
  },
);

testUnless(
  missingPosix ??
    (navigator.hardwareConcurrency < 2 ? "one core does nothing at the same time" : undefined),
  "workers: what is traced first is summed while the rest is computed",
  async () => {
    const ended = await run(
      2,
      `
    import { secondsBetween } from "./tests/_clock.ts";
    const step = compile((x) => {
      const last = tf.add(tf.zeros([3_000_000]), x); // more than a bucket
      let first = tf.fill([600, 600], 1e-3).mul(x);
      for (let index = 0; index < 60; index++) first = tf.matMul(first, first);
      const means = workers.meanOf({ first, last });
      const seconds = secondsBetween(means.last, first);
      return { seconds, last: tf.max(means.last), first: tf.max(means.first) };
    });
    const times = [];
    for (let index = 0; index < 5; index++) {
      const { seconds, last, first } = await step(tf.scalar(rank));
      times.push(seconds.dataSync()[0]);
      if (last.dataSync()[0] !== 0.5) throw new Error("no mean");
      if (Number.isNaN(first.dataSync()[0])) throw new Error("no numbers");
    }
    console.log(JSON.stringify(times));
    await workers.exchange([0]);
    workers[Symbol.dispose]();`,
    );
    // In some step: on a loaded machine one worker may compute all before the other has its turn. Were
    // it summed behind the rest, it would be in none.
    for (const seconds of printed(ended) as number[][]) {
      const most = Math.max(...seconds);
      assert(most > 0, `the mean was there ${-most} s or more after all was computed`);
    }
  },
);

testUnless(missingPosix, "workers: steps of SAM by two leave no tensors behind", async () => {
  const ended = await run(
    2,
    `
    import { meanOverWorkers } from "./lib/distributed/mod.ts";
    import * as optim from "./lib/optim/mod.ts";
    import { random } from "./lib/tensorflow/mod.ts";
    import { trainStep } from "./lib/train/step.ts";
    const loss = ({ w }, { x }) => ({ loss: tf.mean(tf.square(tf.sub(w, x))), state: {}, metrics: {} });
    const own = optim.sam(meanOverWorkers(optim.valueAndGrad(loss), workers), { rho: 0.1 });
    const { init, step } = trainStep(meanOverWorkers(own, workers), optim.sgd(0.1, { momentum: 0.9 }));
    const compiled = compile(step, { donate: [0] });
    const x = tf.tensor1d([rank, rank + 2]);
    const seed = random.seed(0);
    let state = init({ params: { w: tf.scalar(3) }, state: {} });
    const counts = [];
    for (let index = 0; index < 5; index++) {
      const result = await compiled(state, { x }, seed);
      state = result.state;
      tf.dispose(Object.values(result.metrics));
      await workers.exchange([index]);
      counts.push(tf.memory().numTensors);
    }
    const [first] = counts;
    console.log(JSON.stringify([counts.every((count) => count === first), state.params.w.dataSync()[0]]));
    await workers.exchange([0]);
    workers[Symbol.dispose]();`,
  );
  const [chief, other] = printed(ended) as [boolean, number][];
  assertEquals(chief, other);
  assert(chief![0], "tensors are left");
});

testUnless(missingPosix, "workers: exchange gives each one's numbers to all, by rank", async () => {
  const ended = await run(
    2,
    `
    const seen = [];
    seen.push(await workers.exchange([rank, -5]), await workers.exchange([2 ** 31 - 1]));
    seen.push(await workers.exchange([]).catch((error) => error.message));
    seen.push(workers.size, workers.isChief);
    console.log(JSON.stringify(seen));
    workers[Symbol.dispose]();`,
  );
  const rows = [[[0, -5], [1, -5]], [[2 ** 31 - 1], [2 ** 31 - 1]]];
  const refused = "Cannot exchange no numbers: give at least one";
  assertEquals(printed(ended), [[...rows, refused, 2, true], [...rows, refused, 2, false]]);
});

testUnless(
  missingPosix,
  "workers: agree names who differs from the chief, and in what",
  async () => {
    const ended = await run(
      3,
      `
    const version = rank === 2 ? "b" : "a";
    await workers.agree({ "another version of the code": "a", "other data": "c" });
    const seen = await workers.agree({ "another version of the code": version, "other data": "c" })
      .catch((error) => [error.name, error.message]);
    console.log(JSON.stringify(seen));
    workers[Symbol.dispose]();`,
    );
    for (const [name, message] of printed(ended) as [string, string][]) {
      assertEquals(name, "WorkerError");
      assertStringIncludes(message, "worker 2 of 3 (127.0.0.1:");
      assertStringIncludes(message, "has another version of the code than the chief");
      assert(!message.includes("other data"), message);
      assert(!message.includes("worker 1"), message);
    }
  },
);

testUnless(
  missingPosix,
  "workers: means over a number that does not divide theirs are refused",
  async () => {
    const ended = await run(
      2,
      `
    const fn = compile((x) => workers.meanOf([x], { of: 3 }));
    const message = await fn(tf.scalar(1)).catch((error) => error.message);
    console.log(JSON.stringify(message));
    await workers.exchange([0]);
    workers[Symbol.dispose]();`,
    );
    for (const message of printed(ended)) {
      assertEquals(message, "Cannot take means over 3 of 2 workers: it must divide their number");
    }
  },
);
