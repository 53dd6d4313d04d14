/** Tasks, batches and sweeps that are used wrongly: each is told what is expected, and leaves nothing. @module */
import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { optim, runs, tf, train } from "../../mod.ts";

/** A task, some of whose parts are replaced by what types would refuse. */
function taskWith(parts: Record<string, unknown>): train.Task<{ w: tf.Tensor }, { x: tf.Tensor }> {
  const task = {
    parameters: () => ({ w: tf.scalar(0) }),
    loss: ({ w }: { w: tf.Tensor }, { x }: { x: tf.Tensor }) =>
      tf.mean(tf.square(tf.sub(x, w))) as tf.Tensor,
    optimizer: optim.sgd(0.1),
    training: train.batches({ x: [1, 2, 3, 4] }, { batchSize: 2 }),
    epochs: 1,
  };
  return { ...task, ...parts } as unknown as typeof task;
}

async function rowOf(parts: Record<string, unknown>): Promise<train.TaskRow> {
  const events = await Array.fromAsync(train.fit(taskWith(parts)));
  return events.flatMap((event) => event.type === "epoch" ? [event.row] : [])[0]!;
}

const yielding = (batch: unknown) => ({ size: 1, epoch: () => [batch] });

const measuring = (metrics: () => Record<string, tf.Tensor>) => (({ w }: { w: tf.Tensor }) => ({
  loss: tf.square(w),
  metrics: metrics(),
}));

const sgd = optim.sgd(0.1);
const descending = (parts: Record<string, unknown>) => ({ optimizer: { ...sgd, ...parts } });

const found = optim.valueAndGrad(({ w }: { w: tf.Tensor }, { x }: { x: tf.Tensor }) =>
  tf.mean(tf.square(tf.sub(x, w))) as tf.Tensor
);

/** A gradient with a memory, whose parts are replaced. */
const remembering = (after: (memory: tf.Tensor, ...args: Parameters<typeof found>) => unknown) => ({
  gradient: {
    init: () => ({ count: tf.scalar(0) }),
    update: (
      params: { w: tf.Tensor },
      memory: { count: tf.Tensor },
      batch: { x: tf.Tensor },
      pass: optim.Pass,
    ) => after(memory.count, params, batch, pass),
  },
});

/** A gradient function, some of whose results are replaced. */
const finding = (parts: Record<string, unknown>) => ({
  gradient: (...args: Parameters<typeof found>) => ({ ...found(...args), ...parts }),
});

const losing = (loss: (w: tf.Tensor) => unknown) => ({
  loss: ({ w }: { w: tf.Tensor }) => loss(tf.square(w)),
});

function disposed(): tf.Tensor {
  const tensor = tf.scalar(1);
  tensor.dispose();
  return tensor;
}

const modelled = (model: unknown) => ({ parameters: undefined, inputShape: [1], model });

const evaluated = (figures: unknown) => ({
  evaluator: () => ({ evaluate: () => Promise.resolve(figures), [Symbol.dispose]() {} }),
});

const REFUSED: [parts: Record<string, unknown>, message: string][] = [
  [{ optimizer: "sgd" }, "Cannot train: the task's optimizer has no `init` and `update`"],
  [{ parameters: { w: 0 } }, "Cannot train these parameters: one is 0, not a tensor"],
  [{ parameters: () => ({ w: 0 }) }, "Cannot train these parameters: one is 0, not a tensor"],
  [{ parameters: {} }, "Cannot train these parameters: there is none"],
  [
    { parameters: undefined, inputShape: [1], model: { init: () => ({ w: tf.scalar(0) }) } },
    "Cannot train these parameters: one is undefined, not a tensor",
  ],
  [{ seed: 0.5 }, "Cannot train with seed 0.5: it must be a whole number of 32 bits"],
  [{ evaluateEvery: 0 }, "Cannot evaluate every 0 epochs: it must be a whole number >= 1"],
  [{ evaluation: { size: 0, epoch: () => [] } }, "Cannot evaluate: the task's evaluation data"],
  [{ gradientClipping: "5" }, "Cannot clip gradients to norm 5: it must be above 0"],
  [{ gradient: "sam" }, "Cannot take this gradient: it is neither a function nor has it"],
  [{ gradient: null, loss: null }, "Cannot train: the task lacks a loss or a gradient"],
  [{ training: null }, "Cannot train: the task lacks training data"],
  [
    { training: 3 },
    "Cannot train with training 3: it must be batches such as those of train.batches",
  ],
  [{ evaluation: 3 }, "Cannot train with evaluation 3: it must be batches such as"],
  [{ loss: "mse" }, 'Cannot train with loss "mse": it must be a function'],
  [{ learningRate: 0.1 }, "Cannot train with learningRate 0.1: it must be a function"],
  [{ measure: "error" }, 'Cannot train with measure "error": it must be a function'],
  [{ labels: 3 }, "Cannot train with labels 3: it must be a record"],
  [{ config: [] }, "Cannot train with config []: it must be a record"],
  [{ labels: { rho: "0.1" } }, 'Cannot train with the label rho "0.1": it must be a number'],
  [{ labels: { method: 3 } }, "Cannot train with the label method 3: it must be a text"],
  [{ labels: { variant: "a" } }, "Cannot label a run by variant: choose from dataset, model"],
  [{ onNan: "maybe" }, 'Cannot train with onNan "maybe": it must be one of stop, continue'],
  [{ averageDecay: -1 }, "Cannot train with averageDecay -1: it must be a number >= 0 and < 1"],
  [{ saveProgressSeconds: "x" }, 'Cannot train with saveProgressSeconds "x": it must be a number'],
  [
    { additionalCheckpointsAtEpochs: 3 },
    "additionalCheckpointsAtEpochs 3: it must be a list, each",
  ],
  [{ warnings: "late" }, 'Cannot train with warnings "late": it must be a list'],
  [
    remembering((_, ...args) => found(...args)),
    "Cannot use the gradient's update: it gives a record of",
  ],
  [remembering(() => undefined), "Cannot use the gradient's update: it gives undefined, and must"],
  [
    remembering((count, ...args) => [found(...args), { steps: tf.add(count, 1) }]),
    "Cannot use the gradient's memory: it has nothing at count, where its init has float32 []",
  ],
  [
    remembering((_, ...args) => [found(...args), { count: tf.zeros([3]) }]),
    "Cannot use the gradient's memory: it has float32 [3] at count, where its init has float32 []",
  ],
  [
    remembering((_, ...args) => [found(...args), undefined]),
    "Cannot use the gradient's memory: it has nothing at count",
  ],
  [
    { gradient: { init: () => ({ count: 0 }), update: () => [] } },
    "Cannot use the gradient's init: it gives 0 at count, and must give tensors",
  ],
  [
    { gradient: () => undefined },
    "Cannot use the gradient: it gives undefined, and it must give {",
  ],
  [finding({ loss: 1 }), "Cannot use the gradient: its loss is 1"],
  [finding({ metrics: undefined }), "Cannot use the gradient: its metrics are undefined"],
  [finding({ state: null }), "Cannot use the gradient: its state is null"],
  [
    finding({ grads: {} }),
    "Cannot use the gradient: it has nothing at w, where the parameters have float32 []",
  ],
  [descending({ init: () => undefined }), "Cannot use the optimizer's init: it gives undefined"],
  [
    descending({ update: () => undefined }),
    "Cannot use the optimizer's update: it gives undefined",
  ],
  [
    descending({ update: (grads: unknown) => [grads, { count: tf.scalar(1) }] }),
    "Cannot use the optimizer's state: it has ",
  ],
  [{ training: yielding({ x: 1 }) }, "Cannot take a batch that holds 1, which is not a tensor"],
  [
    { training: yielding(undefined) },
    "Cannot take a batch that holds undefined, which is not a tensor",
  ],
  [{ training: yielding({}) }, "Cannot take a batch that holds nothing"],
  [
    { loss: measuring(() => ({ acc: tf.scalar(1), Acc: tf.scalar(2) })) },
    "Cannot log the metric Acc: in rows it has the name of acc. Choose another name",
  ],
  [
    { loss: measuring(() => ({ Loss: tf.scalar(1) })) },
    "Cannot log the metric Loss: in rows it has the name of loss",
  ],
  [{ loss: measuring(() => ({ "": tf.scalar(1) })) }, 'Cannot log the metric "": it has no name'],
  [
    { loss: measuring(() => ({ name: tf.scalar("a") })) },
    "Cannot log the metric name: it is string, not a scalar tensor",
  ],
  [
    { loss: measuring(() => ({ acc: disposed() })) },
    "Cannot log the metric acc: it is disposed, not a scalar tensor",
  ],
  [
    { loss: measuring(() => null as unknown as Record<string, tf.Tensor>) },
    "Cannot log metrics that are null: return scalar tensors by name",
  ],
  [losing((w) => tf.cast(w, "int32")), "Cannot differentiate a loss of int32: it must be float32"],
  [losing(() => tf.scalar("a")), "Cannot differentiate a loss of string: it must be float32"],
  [losing(disposed), "Cannot differentiate a loss that was disposed: return a scalar tensor"],
  [losing((w) => ({ loss: w, state: null })), "Cannot keep a state that is null: return tensors"],
  [
    losing((w) => ({ loss: w, state: { seen: 1 } })),
    "Cannot keep a state that has the number 1 at seen: return tensors by name",
  ],
  [
    losing((w) => ({ loss: w, state: { seen: tf.scalar(1) } })),
    "Cannot use the loss's state: it has float32 [] at seen, where the model's init has nothing",
  ],
  [
    descending({ update: (_: unknown, state: unknown) => [{ w: tf.zeros([3]) }, state] }),
    "Cannot use the optimizer's update: it has float32 [3] at w, where the parameters have float32 []",
  ],
  [
    descending({ init: () => ({ isDue: tf.scalar(true) }) }),
    "Cannot use the optimizer's init: it gives bool [] at isDue, and must give tensors of float32",
  ],
  [
    { optimizer: optim.sgd(() => 0.1 as unknown as tf.Scalar) },
    "Cannot descend by a schedule that gives 0.1: it must give a scalar tensor",
  ],
  [{ learningRate: () => 0.1 }, "Cannot log the learning rate 0.1: the task's learningRate must"],
  [{ learningRate: () => tf.ones([2]) }, "Cannot log the learning rate of shape [2]: the task's"],
  [{ precision: "float16" }, 'Cannot train with precision "float16": it must be one of float32'],
  [{ inputShape: 3 }, "Cannot train with inputShape 3: it must be a list, each an integer >= 1"],
  [{ trainExamples: -1 }, "Cannot train with trainExamples -1: it must be an integer >= 0"],
  [{ epochs: "3" }, 'Cannot train for "3" epochs: it must be a whole number >= 0'],
  [
    { parameters: () => ({ w: tf.scalar(1, "int32") }) },
    "Cannot train these parameters: w is int32, and only float32 has gradients",
  ],
  [{ parameters: () => ({ w: disposed() }) }, "Cannot train these parameters: w was disposed"],
  [
    {
      parameters: () => {
        const w = tf.scalar(0);
        return { w, tied: w };
      },
    },
    "Cannot train these parameters: tied and w are one tensor, which would be trained as two",
  ],
  [
    { parameters: () => ({ w: tf.scalar(0), "a/b": tf.scalar(1), a: { b: tf.scalar(2) } }) },
    "Cannot train these parameters: two have the path a/b. Use names without slashes",
  ],
  [modelled({}), "Cannot train: the task's model has no `init`"],
  [
    modelled({ init: () => undefined }),
    "Cannot train the model: its init gives undefined, and must",
  ],
  [
    modelled({ init: () => ({ params: { w: tf.scalar(0) }, state: { seen: 1 } }) }),
    "Cannot use the model's init: it gives 1 at seen, and must give tensors",
  ],
  [{ restore: () => undefined }, "Cannot use what the task restores: it has nothing at params/w"],
  [
    { restore: () => ({ variables: { params: { v: tf.scalar(1) }, state: {} } }) },
    "Cannot use what the task restores: it has nothing at params/w, where its model has float32 []",
  ],
  [
    { evaluator: () => undefined },
    "Cannot evaluate: what the task's evaluator gives has no function",
  ],
  [
    { evaluator: () => ({ evaluate: () => ({}) }) },
    "Cannot evaluate: what the task's evaluator gives has no function [Symbol.dispose]",
  ],
  [
    {
      evaluator: () => {
        throw new Error("no model at hand");
      },
    },
    "no model at hand",
  ],
  [evaluated({ epoch: 7 }), "Cannot log the figure epoch, which a row has already"],
  [evaluated({ step: 7 }), "Cannot log the figure step, which a row has already"],
  [evaluated({ bleu: "0.3" }), "Cannot log the figure bleu, which is 0.3: an evaluation gives"],
];

for (const [parts, message] of REFUSED) {
  Deno.test(`a task is refused: ${message}`, async () => {
    const before = tf.memory().numTensors;
    await assertRejects(() => rowOf(parts), Error, message);
    assertEquals(tf.memory().numTensors, before);
  });
}

Deno.test("restored variables may be those that the model drew", async () => {
  const before = tf.memory().numTensors;
  const row = await rowOf({ restore: (variables: unknown) => ({ variables }) });
  assertEquals(row.trainLoss, (await rowOf({})).trainLoss);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("a gradient of zeros in the first step is told: the loss may use other parameters", async () => {
  const warningsOf = async (parts: Record<string, unknown>) =>
    (await Array.fromAsync(train.fit(taskWith(parts)))).filter(({ type }) => type === "warning");
  const other = tf.scalar(1);
  assertEquals(await warningsOf({}), []);
  assertEquals(await warningsOf({ loss: () => tf.square(other) }), [{
    type: "warning",
    message:
      "The gradient of the first step is 0: does the loss use the parameters that it is given?",
  }]);
  other.dispose();
});

Deno.test("a metric may have a name that objects have from their prototype", async () => {
  const row = await rowOf({
    loss: ({ w }: { w: tf.Tensor }) => ({
      loss: tf.square(w),
      metrics: { toString: tf.add(tf.square(w), 5) },
    }),
    evaluation: train.batches({ x: [1, 2, 3] }, { batchSize: 2, shuffle: false }),
  });
  assertEquals([row.trainToString, row.testToString], [5, 5]);
});

Deno.test("batches tell what is wrong with an array, or with what is none", () => {
  const made = (arrays: unknown) => () =>
    train.batches(arrays as { x: tf.Tensor }, { batchSize: 1 });
  const x = tf.scalar(1);
  for (const arrays of [undefined, x, [[1, 2]], [x]]) {
    assertThrows(made(arrays), TypeError, "give arrays by their names, such as { x, y }");
  }
  x.dispose();
  const messages: [array: unknown, message: string][] = [
    [[[1, 2], [3]], "it holds number[2] beside number[1], and all must be alike"],
    [[1, undefined], "it holds number beside undefined"],
    [[null, null], "it holds null, not numbers"],
    [["1", 2], "it holds string beside number"],
    [x, "it was disposed"],
  ];
  const before = tf.memory().numTensors;
  for (const [array, message] of messages) {
    assertThrows(made({ x: array }), Error, `Cannot make batches of x: ${message}`);
  }
  for (const values of [[1, 2], Float64Array.of(1, 2), Int8Array.of(1, 2)]) {
    const source = made({ x: { values, shape: [2] } });
    assertThrows(source, TypeError, "Cannot make a data set of x: its values must be");
  }
  assertEquals(tf.memory().numTensors, before);
  const complex = tf.complex([1], [2]);
  assertThrows(made({ x: complex }), RangeError, "Cannot make batches of x: it is complex64");
  complex.dispose();
});

Deno.test("batches tell what they can be made of", () => {
  for (const x of [Float64Array.of(1, 2), null, "text", () => 1]) {
    const made = () => train.batches({ x: x as unknown as Float32Array }, { batchSize: 1 });
    assertThrows(made, TypeError, "Cannot make batches of x: give a tensor, an array of numbers");
  }
});

Deno.test("a step is not made of parts that are none, nor of a decay that is none", () => {
  const [none, gradient] = [undefined as never, optim.valueAndGrad(() => tf.scalar(0))];
  assertThrows(() => train.trainStep(none, sgd), TypeError, "Cannot take this gradient");
  assertThrows(() => train.trainStep(gradient, none), TypeError, "Cannot take this optimizer");
  for (const averageDecay of [-1, 1, NaN, "0.9" as never]) {
    const step = () => train.trainStep(gradient, sgd, { averageDecay });
    assertThrows(step, RangeError, `Cannot average with decay ${averageDecay}`);
  }
  const text = "0.9" as never;
  assertThrows(() => optim.sgd(0.1, { momentum: text }), RangeError, "momentum 0.9");
  assertThrows(() => optim.rmsprop(0.1, { decay: text }), RangeError, "decay 0.9");
  assertThrows(() => optim.rmsprop(0.1, { epsilon: text }), RangeError, "epsilon 0.9");
  assertThrows(() => optim.schedules.cosine(0.1, text), RangeError, "steps of 0.9");
});

Deno.test("a learning rate or a radius that is a text is refused at once", () => {
  const text = "0.1" as unknown as number;
  assertThrows(() => optim.sgd(text), RangeError, "learning rate 0.1");
  assertThrows(() => optim.rmsprop(text), RangeError, "learning rate 0.1");
  const gradient = optim.valueAndGrad(() => tf.scalar(0));
  assertThrows(() => optim.sam(gradient, { rho: text }), RangeError, "rho 0.1");
});

Deno.test("a config that JSON does not hold is refused, as runs would be taken for each other", async () => {
  const folder = await Deno.makeTempDir();
  for (const value of [NaN, Infinity, () => 1, new Map([[1, 2]]), 1n, Float32Array.of(1)]) {
    const run = train.trainTask(taskWith({ config: { rate: value } }), { folder });
    await assertRejects(() => Array.fromAsync(run), TypeError, "JSON does not hold rate");
  }
  const run = train.trainTask(taskWith({ config: [1] }), { folder });
  await assertRejects(() => Array.fromAsync(run), TypeError, "JSON does not hold itself");
  await Array.fromAsync(train.trainTask(taskWith({ config: { a: undefined } }), { folder }));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a task that is given more epochs has the result of its last one", async () => {
  const folder = await Deno.makeTempDir();
  for (const epochs of [1, 2]) {
    const events = await Array.fromAsync(train.trainTask(taskWith({ epochs }), { folder }));
    const end = events.at(-1)!;
    const { sha256 } = JSON.parse(await Deno.readTextFile(`${folder}/result.json`));
    assertEquals(end.type === "end" && end.sha256, sha256);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("rows can be read back where a label is undefined", async () => {
  const folder = await Deno.makeTempDir();
  const labels = { method: "SAM", rho: undefined };
  await Array.fromAsync(train.trainTask(taskWith({ labels }), { folder }));
  const [row] = await train.readMetrics<train.TaskRow>(`${folder}/metrics.jsonl`);
  assertEquals([row!.method, row!.rho], ["SAM", 0]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a folder with a run but without its config.json is not gone on with", async () => {
  const folder = await Deno.makeTempDir();
  const run = async (rate: number) =>
    await Array.fromAsync(train.trainTask(taskWith({ config: { rate } }), { folder }));
  await run(0.1);
  await Deno.remove(`${folder}/config.json`);
  await assertRejects(
    () => run(0.2),
    Error,
    `Cannot go on in ${folder}: it holds a run without its config.json, which says what run it is`,
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a task of no epochs is kept as a finished run, and may be given some", async () => {
  const folder = await Deno.makeTempDir();
  const run = async (epochs: number) =>
    await Array.fromAsync(
      train.trainTask(taskWith({ epochs, config: { rate: 0.1 } }), { folder }),
    );
  assertEquals((await run(0)).map(({ type }) => type), ["start", "end"]);
  const kept = await train.readKeptRun(folder);
  assertEquals([kept?.config, kept?.rows, kept?.result !== undefined], [{ rate: 0.1 }, [], true]);
  await run(1);
  assertEquals((await train.readKeptRun(folder))?.rows.length, 1);
  await Deno.remove(folder, { recursive: true });
});

const builder = (parts: Record<string, unknown> = {}) => ({
  ...{ name: "mean", version: 1, build: () => taskWith({}) },
  ...parts,
});

Deno.test("a sweep refuses builders and values by which runs would be taken for each other", () => {
  const planned = (parts: Record<string, unknown>) => () =>
    runs.ownRunsOf({ name: "odd", builder: builder(), base: { rate: 1 }, seeds: [0], ...parts });
  assertThrows(planned({ grid: { rate: [1, Infinity] } }), TypeError, "with rate Infinity");
  assertThrows(planned({ grid: { rate: [NaN] } }), TypeError, "with rate NaN");
  assertThrows(planned({ base: { rate: () => 1 } }), TypeError, "finite numbers");
  assertThrows(planned({ base: { epoch: 1 } }), TypeError, "epoch is another entry of its rows");
  for (const version of [NaN, "", null]) {
    assertThrows(planned({ builder: builder({ version }) }), TypeError, "a name and a version");
  }
  assertThrows(planned({ builder: builder({ name: " " }) }), TypeError, "a name and a version");
  assertThrows(planned({ builder: builder({ build: 3 }) }), TypeError, "no function `build`");
});

Deno.test("a sweep's rows keep the configuration's own model, and tell of a builder without a task", async () => {
  const outputDir = await Deno.makeTempDir();
  const swept = async (parts: Record<string, unknown>) =>
    await Array.fromAsync(runs.sweep({
      ...{ name: "models", builder: builder(parts), base: { model: "mlp", rho: 0.1 } },
      seeds: [0],
    }, { outputDir }));
  const [row] = (await swept({})).flatMap((event) => event.type === "run" ? event.rows : []);
  assertEquals([row!.model, row!.rho], ["mlp", 0.1]);
  const failed = (await swept({ version: 2, build: () => undefined }))
    .find(({ type }) => type === "failed");
  assertEquals(
    failed?.type === "failed" && failed.error.message,
    "Cannot train undefined: it is not a task; a builder must return one",
  );
  await Deno.remove(outputDir, { recursive: true });
});

Deno.test("parameters are drawn by the run's seed, also of functions that are given none", async () => {
  const drawing: (() => Record<string, tf.Tensor>)[] = [
    () => ({ w: tf.randomNormal([]), v: tf.randomUniform([2]) }),
    () => ({ w: tf.randomNormal([], 0, 1, "float32", 0), v: tf.truncatedNormal([2]) }),
  ];
  const { random } = Math;
  for (const parameters of drawing) {
    const sha256Of = async (seed: number) => {
      const events = await Array.fromAsync(train.fit(taskWith({ parameters, seed, epochs: 0 })));
      const [end] = events.flatMap((event) => event.type === "end" ? [event] : []);
      return end!.sha256;
    };
    const first = await sha256Of(0);
    assertEquals(await sha256Of(0), first);
    assertNotEquals(await sha256Of(1), first);
  }
  const failing = () => {
    throw new Error("no file");
  };
  await assertRejects(() => rowOf({ parameters: failing }), Error, "no file");
  assertEquals(Math.random, random);
});

Deno.test("a run with another seed does not go on from a checkpoint, in its middle or finished", async () => {
  for (const stop of [1, 4]) {
    const folder = await Deno.makeTempDir();
    const controller = new AbortController();
    for await (
      const event of train.fit(taskWith({ epochs: 2 }), { folder, signal: controller.signal })
    ) {
      if (event.type === "step" && event.step === stop) controller.abort();
    }
    const before = tf.memory().numTensors;
    await assertRejects(
      () => Array.fromAsync(train.fit(taskWith({ epochs: 2, seed: 4 }), { folder })),
      RangeError,
      "it was trained with seed 0, and the task has seed 4. Choose another folder, or restart",
    );
    assertEquals(tf.memory().numTensors, before);
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a folder of an own task is not opened as a classifier's, which is told", async () => {
  const folder = await Deno.makeTempDir();
  await Array.fromAsync(train.trainTask(taskWith({ config: { rate: 0.1 } }), { folder }));
  await assertRejects(
    () => train.openTrained(folder),
    train.ConfigError,
    `Cannot open ${folder}: its config.json has rate, and so is not of a run of train`,
  );
  await Deno.remove(folder, { recursive: true });
});
