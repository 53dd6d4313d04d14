/** A worker fails in a training of one's own: the others learn why. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { freePorts } from "../../lib/system/mod.ts";
import { missingPosix, testUnless } from "../_skip.ts";
import { withFolder } from "../train/_runs.ts";
import { start, tfConfig } from "./_workers.ts";

/** One parameter, so that sums are as small as can be; what comes of it is printed as JSON. */
const HEAD = `
import { clusterFrom, meanOverWorkers, Workers } from "./lib/distributed/mod.ts";
import { tf } from "./lib/tensorflow/mod.ts";
import * as optim from "./lib/optim/mod.ts";
import * as train from "./lib/train/mod.ts";
const workers = await Workers.connect(clusterFrom());
const { rank } = workers;
const own = optim.valueAndGrad(({ w }, { x }) => tf.mean(tf.mul(x, w)));
const task = (changes = {}) => ({
  parameters: { w: tf.scalar(1) },
  gradient: meanOverWorkers(own, workers),
  optimizer: optim.sgd(0.1),
  training: train.batches({ x: [1, 2, 3, 4] }, { batchSize: 1 }),
  epochs: 2,
  ...changes,
});
async function tell(events) {
  let steps = 0;
  try {
    for await (const { type } of events) if (type === "step") steps++;
  } catch ({ name, message }) {
    console.log(JSON.stringify({ name, message, steps }));
  }
}
`;

interface Failure {
  readonly name: string;
  readonly message: string;
  /** That were done before. */
  readonly steps: number;
}

/** What two workers tell of a script, and the address of each. */
async function told(script: string) {
  const ports = freePorts(2);
  const workers = ports.map((_, rank) =>
    start(["eval", "--no-check", "--ext=ts", HEAD + script], { TF_CONFIG: tfConfig(ports, rank) })
  );
  try {
    const ended = await Promise.all(workers.map(({ ended }) => ended));
    const failures = ended.map(({ stdout, stderr }): Failure => {
      assert(stdout.startsWith("{"), stderr + stdout);
      return JSON.parse(stdout);
    });
    const names = ports.map((port, rank) => `worker ${rank} of 2 (127.0.0.1:${port})`);
    return { failures, names };
  } finally {
    await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
  }
}

for (const failing of [0, 1]) {
  testUnless(missingPosix, `worker ${failing} fails after steps: the other says why`, async () => {
    const { failures, names } = await told(`
      const training = {
        size: 5,
        *epoch() {
          for (let index = 0; index < 5; index++) {
            if (index === 3 && rank === ${failing}) throw new Error("the disk is full");
            yield { x: tf.fill([3], index) };
          }
        },
      };
      await tell(train.fit(task({ training }), { workers }));`);
    assertEquals(failures[failing], { name: "Error", message: "the disk is full", steps: 3 });
    const { name, message } = failures[1 - failing]!;
    assertEquals(name, "WorkerError");
    assertStringIncludes(
      message,
      `Cannot train on: ${names[failing]} failed: the disk is full. Start`,
    );
  });
}

testUnless(missingPosix, "one has a task that cannot be trained: the other says why", async () => {
  const { failures, names } = await told(`
    await tell(train.fit(task(rank === 1 && { epochs: -1 }), { workers }));`);
  const [chief, other] = failures;
  assertEquals(other!.name, "RangeError");
  assertEquals(chief!.name, "WorkerError");
  assertEquals(
    chief!.message,
    `Cannot begin: ${names[1]} failed: ${other!.message}. Start all workers again`,
  );
});

testUnless(
  missingPosix,
  "the chief's folder has another run: the other says why",
  () =>
    withFolder(async (folder) => {
      const { failures, names } = await told(`
        const config = { learningRate: 0.1 };
        const options = { folder: ${JSON.stringify(folder)}, workers };
        await Array.fromAsync(train.trainTask(task({ config }), options));
        await tell(train.trainTask(task({ config: { learningRate: 0.2 } }), options));`);
      const [chief, other] = failures;
      assertEquals(chief!.name, "ConfigMismatchError");
      assertStringIncludes(other!.message, `Cannot begin: ${names[0]} failed: Cannot go on in`);
    }),
);
