/** Data of one's own that keep no promise: each is told, nothing is left, and nothing runs for ever. @module */
import { assertEquals, assertRejects } from "@std/assert";
import { optim, tf, train } from "../../mod.ts";

type Data = train.Batches<{ x: tf.Tensor }>;

const given: Data = train.batches({ x: [1, 2, 3, 4] }, { batchSize: 2, shuffle: false });

async function rowOf(data: { training?: unknown; evaluation?: unknown }, epochs = 1) {
  const task = train.task({
    parameters: () => ({ w: tf.scalar(0) }),
    loss: ({ w }, { x }) => tf.mean(tf.square(tf.sub(x, w))),
    optimizer: optim.sgd(0.1),
    training: (data.training ?? given) as Data,
    ...data.evaluation !== undefined && { evaluation: data.evaluation as Data },
    epochs,
  });
  const events = await Array.fromAsync(train.fit(task));
  return events.flatMap((event) => event.type === "epoch" ? [event.row] : []).at(-1)!;
}

const yielding = (size: number, batch: () => unknown, count = size) => ({
  size,
  *epoch() {
    for (let index = 0; index < count; index++) yield batch();
  },
});

const REFUSED: [what: string, data: () => unknown, message: string][] = [
  [
    "a number beside a tensor",
    () => yielding(1, () => ({ x: tf.ones([2]), n: 3 })),
    "that holds 3",
  ],
  ["null beside a tensor", () => yielding(1, () => ({ x: tf.ones([2]), n: null })), "holds null"],
  ["a class", () => yielding(1, () => new (class Batch {})()), "that holds [object Object]"],
  ["epoch() without a result", () => ({ size: 1, epoch() {} }), "whose epoch() gives undefined"],
  ["an epoch() that is asynchronous", () => ({
    size: 1,
    epoch: () => Promise.resolve([]),
  }), "whose epoch() gives a promise"],
  ["an epoch() that fails late", () => ({
    size: 1,
    epoch: () => Promise.reject(new Error("no file")),
  }), "whose epoch() gives a promise"],
];

for (const [what, data, message] of REFUSED) {
  for (const name of ["training", "evaluation"]) {
    Deno.test(`${name} data are refused: ${what}`, async () => {
      const before = tf.memory().numTensors;
      await assertRejects(() => rowOf({ [name]: data() }), TypeError, message);
      assertEquals(tf.memory().numTensors, before);
    });
  }
}

for (const size of [undefined, -1, 0.5, NaN, Infinity, "2"]) {
  Deno.test(`data of size ${size} are refused, for training and for evaluation`, async () => {
    const data = { ...yielding(1, () => ({ x: tf.ones([2]) })), size };
    await assertRejects(() => rowOf({ training: data }), RangeError, "must be a whole number >= 1");
    await assertRejects(() => rowOf({ evaluation: data }), RangeError, "Cannot evaluate");
  });
}

Deno.test("data that yield a batch again are told that it was disposed", async () => {
  const batch = { x: tf.ones([2]) };
  await assertRejects(
    () => rowOf({ training: yielding(2, () => batch) }),
    TypeError,
    "Cannot take a batch whose tensors were disposed, as the loop does with every batch after its step",
  );
});

Deno.test("data without an end are trained on and evaluated up to their size", async () => {
  const endless = yielding(3, () => ({ x: tf.ones([2]) }), Infinity);
  const before = tf.memory().numTensors;
  const row = await rowOf({ training: endless, evaluation: endless }, 2);
  assertEquals([row.epoch, typeof row.testLoss], [2, "number"]);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("data with fewer batches than their size are refused, for training and for evaluation", async () => {
  const before = tf.memory().numTensors;
  for (const count of [0, 1]) {
    const short = yielding(3, () => ({ x: tf.ones([2]) }), count);
    const message = `the data ended after step ${count} of 3, fewer than their size says`;
    await assertRejects(() => rowOf({ training: short }), Error, message);
    const other = `Cannot evaluate: the data ended after batch ${count} of 3`;
    await assertRejects(() => rowOf({ evaluation: short }), Error, other);
  }
  assertEquals(tf.memory().numTensors, before);
});
