/** Tasks that are no classification of images: own losses, batches, metrics, models and data. */
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import { dense, model, relu } from "../../lib/nn/mod.ts";
import { type Pass, sam, sgd, valueAndGrad } from "../../lib/optim/mod.ts";
import { dataset, type TensorRecord, tf } from "../../lib/tensorflow/mod.ts";
import {
  type Batches,
  batches,
  createProgress,
  type ExampleArray,
  fit,
  latestCheckpoint,
  task,
  type TaskRow,
  type TrainEvent,
} from "../../lib/train/mod.ts";
import { createTensorBoardLog } from "../../lib/train/tensorboard.ts";
import { values, withoutLeaks } from "../_tensors.ts";
import { withFolder } from "./_runs.ts";

function test(name: string, body: (folder: string) => Promise<void>): void {
  Deno.test(`own task: ${name}`, () => withoutLeaks(() => withFolder(body)));
}

type Events = readonly TrainEvent<TaskRow>[];

function rowsOf(events: Events): TaskRow[] {
  return events.flatMap((event) => event.type === "epoch" ? [event.row] : []);
}

function sha256Of(events: Events): string {
  return events.flatMap((event) => event.type === "end" ? [event.sha256] : [])[0]!;
}

/** Reads events until one, at which it aborts. */
async function until(
  events: (signal: AbortSignal) => AsyncIterable<TrainEvent<TaskRow>>,
  step: number,
): Promise<Events> {
  const controller = new AbortController();
  const read: TrainEvent<TaskRow>[] = [];
  for await (const event of events(controller.signal)) {
    read.push(event);
    if (event.type === "step" && event.step === step) controller.abort();
  }
  return read;
}

const X = Array.from({ length: 32 }, (_, index) => [Math.sin(index), Math.cos(index)]);
const Y = X.map(([a, b]) => 2 * a! - 3 * b! + 1);

/** y = w · x + b, by a loss that gives nothing but a scalar. */
const regression = () =>
  task({
    parameters: (seed) => ({ w: tf.ones([2]).mul(0.1 * seed), b: tf.scalar(0) }),
    loss: ({ w, b }, { x, y }) => tf.mean(tf.square(tf.sub(tf.add(tf.sum(tf.mul(x, w), 1), b), y))),
    optimizer: sgd(0.3),
    training: batches({ x: X, y: Y }, { batchSize: 8 }),
    evaluation: batches({ x: X, y: Y }, { batchSize: 5, shuffle: false }),
    epochs: 30,
  });

test("linear regression, a loss that is a scalar, finds the line", async (folder) => {
  const events = await Array.fromAsync(fit(regression(), { folder }));
  const rows = rowsOf(events);
  assert(rows[0]!.trainLoss > 0.5 && rows.at(-1)!.trainLoss < 1e-3, `${rows.at(-1)!.trainLoss}`);
  assertEquals(Object.keys(rows[0]!).slice(-3), ["epoch", "trainLoss", "testLoss"]);
  const { arrays } = (await latestCheckpoint(folder))!;
  [2, -3].forEach((value, index) =>
    assertAlmostEquals(arrays["params/w"]!.data[index] as number, value, 0.05)
  );
  assertEquals(events[0], {
    type: "start",
    config: {},
    parameterCount: 3,
    trainExamples: 32,
    testExamples: 32,
    stepsPerEpoch: 4,
    epochs: 30,
  });
});

test("a figure is the mean over all examples, whatever the batches", async (folder) => {
  const [row] = rowsOf(await Array.fromAsync(fit({ ...regression(), epochs: 1 }, { folder })));
  const { arrays } = (await latestCheckpoint(folder))!;
  const [w, b] = ["params/w", "params/b"].map((name) => arrays[name]!.data as Float32Array);
  const residuals = X.map(([x0, x1], i) => (w![0]! * x0! + w![1]! * x1! + b![0]! - Y[i]!) ** 2);
  const mean = residuals.reduce((sum, value) => sum + value, 0) / 32;
  assert(mean > 0.01, `${mean}`);
  assertAlmostEquals(row!.testLoss as number, mean, 1e-6);
});

test("a run that was stopped goes on bit for bit", async (folder) => {
  const whole = await Array.fromAsync(fit(regression()));
  const first = await until((signal) => fit(regression(), { folder, signal }), 6);
  const rest = await Array.fromAsync(fit(regression(), { folder }));
  assertEquals(sha256Of(rest), sha256Of(whole));
  assertEquals([...rowsOf(first), ...rowsOf(rest)], rowsOf(whole));
});

test("parameters that are given stay the caller's", async () => {
  const parameters = { w: tf.tensor1d([1, 2]), b: tf.scalar(0) };
  await Array.fromAsync(fit({ ...regression(), parameters, epochs: 1 }));
  assertEquals(values(parameters.w), [1, 2]);
  tf.dispose(parameters);
});

/** What follows each word in a text that repeats: batches of integers, nested. */
const WORDS = Int32Array.from({ length: 65 }, (_, index) => [3, 1, 4, 1, 5][index % 5]!);

const language = (evaluateEvery = 1) =>
  task({
    parameters: (seed) => ({ table: tf.randomNormal([6, 6], 0, 0.1, "float32", seed + 1) }),
    loss: ({ table }: { table: tf.Tensor }, { text: { now, next } }: {
      text: { now: tf.Tensor; next: tf.Tensor };
    }) => {
      const logits = tf.gather(table, now) as tf.Tensor2D;
      const targets = tf.oneHot(next as tf.Tensor1D, 6).toFloat() as tf.Tensor2D;
      const loss = tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), targets), 1)));
      return { loss, metrics: { perplexity: tf.exp(loss) } };
    },
    optimizer: sgd(1, { momentum: 0.5 }),
    training: pairs(),
    evaluation: pairs(),
    averageDecay: 0.5,
    evaluateEvery,
    epochs: 3,
  });

function pairs(): dataset.Dataset<{ text: { now: tf.Tensor; next: tf.Tensor } }> {
  return dataset.fromArrays({
    now: { values: WORDS.slice(0, -1), shape: [64] },
    next: { values: WORDS.slice(1), shape: [64] },
  }).shuffle().batch(16).map((text) => ({ text }));
}

test("a language model: batches of integers, perplexity in events, rows, board and bar", async (folder) => {
  const lines: string[] = [];
  const output = {
    isTerminal: false,
    columns: 200,
    write: (text: string) => void lines.push(text),
  };
  const events: TrainEvent<TaskRow>[] = [];
  {
    using progress = createProgress({ output });
    using board = createTensorBoardLog(folder);
    for await (const event of fit(language(2), { folder })) {
      events.push(event);
      progress.show(event);
      board.show(event);
    }
  }
  for (const event of events) {
    if (event.type !== "step") continue;
    assertEquals(Object.keys(event.metrics).sort(), ["loss", "perplexity"]);
    assertAlmostEquals(event.metrics.perplexity!, Math.exp(event.loss), 1e-4);
    assertEquals(event.learningRate, 1);
  }
  const figures = rowsOf(events).map((row) =>
    Object.keys(row).filter((name) => /[A-Z]/.test(name))
  );
  const trained = ["labelNoise", "trainLoss", "trainPerplexity"];
  const tested = ["testLoss", "testPerplexity", "lastTestLoss", "lastTestPerplexity"];
  assertEquals(figures, [trained, [...trained, ...tested], [...trained, ...tested]]);
  const last = rowsOf(events).at(-1)!;
  assert((last.lastTestPerplexity as number) < 2.5, `${last.lastTestPerplexity}`);
  // No share of the old is left in an average before the reference's 1,560 steps.
  assertEquals(last.testLoss, last.lastTestLoss);
  const text = lines.join("");
  assert(/train loss \d+\.\d{4} perplexity \d+\.\d{4} {2}test loss .* perplexity/.test(text), text);
  assert(text.includes("last parameters loss"), text);
  const [file] = (await Array.fromAsync(Deno.readDir(folder)))
    .filter(({ name }) => name.startsWith("events."));
  const written = new TextDecoder("latin1").decode(await Deno.readFile(join(folder, file!.name)));
  for (const tag of ["train_perplexity", "ema_test_perplexity", "test_perplexity"]) {
    assert(written.includes(tag), tag);
  }
});

const network = model((scope, x) =>
  dense(scope.child("last"), relu(dense(scope.child("first"), x, 8)), 1)
);

test("a model of one's own layers, by SAM, from a pipeline of one's own", async (folder) => {
  let made = 0;
  /** It cannot skip: batches that were trained on are made again. */
  const training: Batches<readonly [tf.Tensor, tf.Tensor]> = {
    size: 4,
    async *epoch(seed = 0) {
      await Promise.resolve();
      // It would go on for ever.
      for (let index = 0;; index++) {
        made++;
        const x = tf.randomUniform([8, 2], -1, 1, "float32", seed + index);
        yield [x, tf.tidy(() => tf.sum(x.square(), 1, true))] as const;
      }
    },
  };
  const loss = (
    params: TensorRecord,
    [x, y]: readonly [tf.Tensor, tf.Tensor],
    { state, seed, evaluate = false }: Pass,
  ) => {
    const pass = network.apply({ params, state }, x, { train: !evaluate, seed });
    const metrics = { off: tf.mean(tf.abs(tf.sub(pass.output, y))) };
    return { loss: tf.mean(tf.squaredDifference(pass.output, y)), state: pass.state, metrics };
  };
  const own = (epochs: number) =>
    task({
      model: network,
      inputShape: [8, 2],
      gradient: sam(valueAndGrad(loss), { rho: 0.01 }),
      optimizer: sgd(0.1),
      training,
      epochs,
      gradientClipping: 1,
    });
  const whole = await Array.fromAsync(fit(own(2)));
  assertEquals(made, 8);
  const rows = rowsOf(whole);
  assert(rows[1]!.trainLoss < rows[0]!.trainLoss);
  assert((rows[1]!.trainOff as number) > 0 && rows[1]!.testLoss === undefined);
  for (const event of whole) assert(event.type !== "step" || event.gradientNorm <= 1.0001);
  await until((signal) => fit(own(2), { folder, signal }), 3);
  assertEquals(sha256Of(await Array.fromAsync(fit(own(2), { folder }))), sha256Of(whole));
});

test("a loss is told that it is evaluated, and not in training", async () => {
  const told: (boolean | undefined)[] = [];
  const { loss } = regression();
  const watched: typeof loss = (params, batch, pass) => {
    told.push(pass.evaluate);
    return loss!(params, batch, pass);
  };
  await Array.fromAsync(fit({ ...regression(), loss: watched, epochs: 1 }));
  // Traced once for training, and for whole and last batches of the evaluation.
  assertEquals(told, [undefined, true, true]);
});

test("a matrix factorisation, whose parameters are an array, measured in its own way", async () => {
  const ratings = { row: Int32Array.of(0, 0, 1, 1), column: Int32Array.of(0, 1, 0, 1) };
  const rating = Float32Array.of(1, 2, 2, 4);
  const data = batches({ ...ratings, rating }, { batchSize: 4, shuffle: false });
  const predict = ([u, v]: readonly tf.Tensor[], row: tf.Tensor, column: tf.Tensor) =>
    tf.sum(tf.mul(tf.gather(u!, row), tf.gather(v!, column)), 1);
  const events = await Array.fromAsync(fit(task({
    parameters: () => [tf.ones([2, 1]), tf.fill([2, 1], 0.5)],
    loss: (params, { row, column, rating }) =>
      tf.mean(tf.squaredDifference(predict(params, row, column), rating)),
    optimizer: sgd(0.1),
    training: data,
    evaluation: data,
    measure: ({ params }, { row, column, rating }) => ({
      worst: tf.max(tf.abs(tf.sub(predict(params, row, column), rating))),
    }),
    epochs: 100,
  })));
  const last = rowsOf(events).at(-1)!;
  assert((last.testWorst as number) < 0.05, `${last.testWorst}`);
  assertEquals(last.testLoss, undefined);
});

const wrong: [returned: () => unknown, message: string][] = [
  [
    () => undefined,
    "a loss that is undefined: return a scalar tensor, or { loss, state?, metrics? }",
  ],
  [() => 0.5, "a loss that is the number 0.5"],
  [() => Promise.resolve(), "a loss that is a promise, as of an asynchronous function"],
  [() => tf.ones([3]), "a loss of shape [3]: not a scalar"],
  [() => [tf.scalar(1)], "a loss that is an array"],
  [() => ({ value: tf.scalar(1) }), "a loss that is missing from a record of value"],
  [() => ({ loss: tf.scalar(1), metrics: { hits: 3 } }), "the metric hits: it is the number 3"],
  [
    () => ({ loss: tf.scalar(1), metrics: { hits: tf.ones([2]) } }),
    "the metric hits: it is of shape [2]",
  ],
  [() => ({ loss: tf.scalar(1), metrics: tf.scalar(1) }), "metrics that are a tensor"],
  [
    () => ({ loss: tf.scalar(1), metrics: { step: tf.scalar(1) } }),
    "the metric step: a run has another",
  ],
];

for (const [returned, message] of wrong) {
  test(`a loss that returns the wrong thing is told: ${message}`, async (folder) => {
    const loss = returned as () => tf.Tensor;
    await assertRejects(
      () => Array.fromAsync(fit({ ...regression(), loss }, { folder })),
      TypeError,
      message,
    );
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  });
}

test("a task that lacks a part, or has one twice, is told", async () => {
  const { loss: _, ...lossless } = regression();
  const { parameters: __, ...bare } = regression();
  const init = () => ({ params: { w: tf.zeros([2]), b: tf.scalar(0) } });
  const refused: [task: unknown, message: string][] = [
    [lossless, "Cannot train: the task lacks a loss or a gradient"],
    [bare, "Cannot train: the task lacks a model or parameters"],
    [{ ...regression(), model: { init } }, "has both a model and parameters"],
    [
      { ...bare, model: { init } },
      "the batches have no `images` that would tell its input's shape",
    ],
    [{ ...regression(), epochs: 1.5 }, "Cannot train for 1.5 epochs: it must be a whole number"],
    [{ ...regression(), training: { size: 0, epoch: () => [] } }, "Cannot train for 0 steps in an"],
  ];
  for (const [given, message] of refused) {
    const run = () => Array.fromAsync(fit(given as ReturnType<typeof regression>));
    await assertRejects(run, Error, message);
  }
});

test("a pipeline with fewer batches than it says is told", async () => {
  const { training } = regression();
  await assertRejects(
    () => Array.fromAsync(fit({ ...regression(), training: { ...training, size: 5 } })),
    Error,
    "the data ended after step 4 of 5",
  );
});

test("another loss does not go on in the middle of an epoch", async (folder) => {
  await until((signal) => fit(regression(), { folder, signal }), 6);
  const { loss } = regression();
  const other = {
    ...regression(),
    loss: ((params, batch, pass) => ({
      loss: loss!(params, batch, pass) as tf.Tensor,
      metrics: { other: tf.scalar(1) },
    })) as typeof loss,
  };
  await assertRejects(
    () => Array.fromAsync(fit(other, { folder })),
    RangeError,
    "its steps before did not measure other",
  );
});

Deno.test("batches: what is no array of examples is refused", () => {
  const refused: [arrays: Record<string, ExampleArray>, batchSize: number, message: string][] = [
    [{ x: tf.scalar(1) }, 1, "Cannot make batches of x: it is a scalar"],
    [{ x: [1, 2], y: [1] }, 1, "They must have the same first size"],
    [{ x: [1, 2] }, 3, "Cannot make batches of 3 of 2 examples: choose a smaller batch"],
  ];
  for (const [arrays, batchSize, message] of refused) {
    assertThrows(() => batches(arrays, { batchSize }), RangeError, message);
  }
});
