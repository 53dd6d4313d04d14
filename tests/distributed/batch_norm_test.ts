/** Batch norm over all workers is that of one process. */
import { assert, assertEquals } from "@std/assert";
import { missingPosix, testUnless } from "../_skip.ts";
import { runWorkers } from "./_workers.ts";

/**
 * Three steps of twelve images of 8 by 8, alone and together, in each worker; of larger ones the rounding
 * of statistics flips a ReLU, in one process too (images times 1 + 2e-7: gradients differ by 4e-4).
 */
const SCRIPT = `
import { clusterFrom, Workers } from "./lib/distributed/mod.ts";
import { compile, leaves, random, tf } from "./lib/tensorflow/mod.ts";
import { wideResNet } from "./lib/models/mod.ts";
import { sgd } from "./lib/optim/mod.ts";
import { samGradient } from "./lib/train/gradient.ts";
import { trainStep } from "./lib/train/step.ts";
const workers = await Workers.connect(clusterFrom());
const share = 12 / workers.size;
const model = wideResNet({ depth: 10, width: 1, classes: 10 });
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
  const [alone, together] = [await trained(options), await trained(options, workers)];
  if (alone.length !== together.length) throw new Error("they have other parameters");
  differences.push(Math.max(...alone.map((value, at) => Math.abs(value - together[at]))));
}
console.log(JSON.stringify(differences));
await workers.exchange([0]);
await workers.exchange([0]).catch(() => {});
workers[Symbol.dispose]();`;

for (const count of [2, 3]) {
  testUnless(
    missingPosix,
    `${count} workers normalise together as one process does, to 1e-5: in both passes of SAM`,
    async () => {
      for (const { code, stdout, stderr } of await runWorkers(count, SCRIPT)) {
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
