/** Batch norm over all workers is that of one process. */
import { assert, assertEquals } from "@std/assert";
import { missingPosix, testUnless } from "../_skip.ts";
import { runWorkers } from "./_workers.ts";

const HEAD = `
import { clusterFrom, Workers } from "./lib/distributed/mod.ts";
import { compile, leaves, random, tf } from "./lib/tensorflow/mod.ts";
import { wideResNet } from "./lib/models/mod.ts";
import { sgd } from "./lib/optim/mod.ts";
import { samGradient } from "./lib/train/gradient.ts";
import { trainStep } from "./lib/train/step.ts";
const workers = await Workers.connect(clusterFrom());
const share = 12 / workers.size;
const model = wideResNet({ depth: 10, width: 1, classes: 10 });
async function leave(differences) {
  console.log(JSON.stringify(differences));
  await workers.exchange([0]);
  await workers.exchange([0]).catch(() => {});
  workers[Symbol.dispose]();
}
const largest = (a, b) => {
  if (a.length !== b.length) throw new Error("they have other parameters");
  return Math.max(...a.map((value, at) => Math.abs(value - b[at])));
};`;

/**
 * Three steps of twelve images of 8 by 8, alone and together, in each worker; of larger ones the rounding
 * of statistics flips a ReLU now and then, in one process too.
 */
const STEPS = `
async function trained(options, workers) {
  const given = { rho: 0.05, batchSize: 12, weightDecay: 5e-4, syncBatchNorm: true, ...options };
  const { init, step } = trainStep(samGradient(model, { ...given, workers }), sgd(0.01));
  const compiled = compile(step);
  let state = init(model.init(0, [12, 8, 8, 3]));
  let loss;
  for (const index of [0, 1, 2]) {
    const images = random.normal(random.seed(index), [12, 8, 8, 3]);
    const labels = tf.oneHot([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1], 10, 1, 0, "float32");
    const own = (all) => workers ? tf.slice(all, [workers.rank * share], [share]) : all;
    const found = await compiled(state, { images: own(images), labels: own(labels) }, random.seed(0));
    state = found.state;
    loss = found.metrics.loss.dataSync()[0];
  }
  const { params, state: statistics } = state;
  return [loss, ...leaves({ params, statistics }).flatMap((leaf) => [...leaf.dataSync()])];
}
const differences = [];
for (const options of [{ m: share }, {}, { m: share / 2 }, { rho: 0 }]) {
  differences.push(largest(await trained(options), await trained(options, workers)));
}
await leave(differences);`;

/** The gradient where each worker has climbed far by itself, so that all scales differ. */
const GRADIENT = `
import { normalizeOverAll } from "./lib/nn/_normalize.ts";
const images = random.normal(random.seed(0), [12, 4, 4, 3]);
const weights = random.normal(random.seed(1), [12, 4, 4, 3]);
const scales = Array.from({ length: workers.size }, (_, rank) => tf.tensor1d([1, 2 + rank, -3 * rank]));
const bias = tf.zeros([3]);
const part = (whole, rank) => tf.slice(whole, [rank * share], [share]);
// Of the mean of all losses, with respect to all images: those of a worker, by definition and by itself.
const alone = compile((images, ...scales) =>
  tf.grads((images, ...scales) => {
    const { mean, variance } = tf.moments(images, [0, 1, 2]);
    const plain = tf.mul(tf.sub(images, mean), tf.rsqrt(tf.add(variance, 1e-5)));
    const losses = scales.map((scale, rank) =>
      tf.sum(tf.mul(tf.sin(tf.mul(part(plain, rank), scale)), part(weights, rank)))
    );
    return tf.div(tf.addN(losses), workers.size);
  })([images, ...scales]));
const meanOverAll = (own) => workers.meanOf([own])[0];
const together = compile((images, scale) =>
  tf.grads((images, scale) => {
    const { output } = normalizeOverAll(images, { scale, bias }, 1e-5, meanOverAll);
    return tf.sum(tf.mul(tf.sin(output), part(weights, workers.rank)));
  })([images, scale]));
const [toImages, ...toScales] = await alone(images, ...scales);
const own = await together(part(images, workers.rank), scales[workers.rank]);
const found = own.map((tensor) => [...tf.div(tensor, workers.size).dataSync()]);
const expected = [part(toImages, workers.rank), toScales[workers.rank]].map((t) => [...t.dataSync()]);
await leave(found.map((values, at) => largest(values, expected[at])));`;

for (const count of [2, 3]) {
  testUnless(
    missingPosix,
    `${count} workers normalise together as one process does, to 1e-5: in both passes of SAM`,
    async () => {
      for (const { code, stdout, stderr } of await runWorkers(count, HEAD + STEPS)) {
        assertEquals(code, 0, stderr);
        const differences: number[] = JSON.parse(stdout);
        assertEquals(differences.length, 4);
        for (const difference of differences) {
          assert(difference <= 1e-5, `they differ by ${differences}`);
        }
      }
    },
  );
}

testUnless(
  missingPosix,
  "3 workers of different scales have the gradient of one process, to 1e-5: that of the mean of losses",
  async () => {
    for (const { code, stdout, stderr } of await runWorkers(3, HEAD + GRADIENT)) {
      assertEquals(code, 0, stderr);
      const differences: number[] = JSON.parse(stdout);
      assertEquals(differences.length, 2);
      for (const difference of differences) {
        assert(difference <= 1e-5, `images and scale differ by ${differences}`);
      }
    }
  },
);
