import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { sam, valueAndGrad } from "../../lib/optim/mod.ts";
import { backend, tf } from "../../lib/tensorflow/mod.ts";
import {
  buildTask,
  type ClassificationTask,
  crossEntropyLoss,
  fit,
  latestCheckpoint,
  type TrainConfig,
  type TrainEvent,
} from "../../lib/train/mod.ts";
import { withoutLeaks } from "../_tensors.ts";
import { ofType, readUntil, sha256Of, tinyConfig, withFolder } from "./_runs.ts";

const task = (changes: Partial<TrainConfig> = {}) => buildTask({ ...tinyConfig, ...changes });

const read = (task: ClassificationTask, folder?: string) => Array.fromAsync(fit(task, { folder }));

function test(name: string, body: (folder: string) => Promise<void>): void {
  Deno.test(`fit: ${name}`, () => withoutLeaks(() => withFolder(body)));
}

/** What of an event does not depend on the clock. */
function timeless(event: TrainEvent): Record<string, unknown> {
  const {
    seconds: _,
    imagesPerSecond: __,
    stepsPerSecond: ___,
    millisecondsPerStep: ____,
    ...rest
  } = {
    seconds: 0,
    imagesPerSecond: 0,
    millisecondsPerStep: 0,
    stepsPerSecond: 0,
    ...event,
  };
  return rest;
}

test("a small network learns the synthetic set", async () => {
  for (const samRho of [0, 0.05]) {
    const events = await read(
      await task({
        samRho,
        trainCount: 200,
        epochs: 4,
        learningRate: 0.05,
        schedule: "constant",
        augmentation: "none",
      }),
    );
    const losses = ofType(events, "epoch").map(({ row }) => row.trainLoss);
    assert(losses.at(-1)! < losses[0]! - 0.15, `rho ${samRho}: ${losses}`);
  }
});

test("tells of start, steps, epochs, checkpoints and the end, in this order", async (folder) => {
  const events = await read(await task(), folder);
  const epoch = ["step", "step", "step", "epoch", "checkpoint"];
  assertEquals(events.map(({ type }) => type), ["start", ...epoch, ...epoch, ...epoch, "end"]);

  assertEquals(events[0], {
    type: "start",
    config: { ...tinyConfig },
    parameterCount: 75_002,
    trainExamples: 70,
    testExamples: 30,
    stepsPerEpoch: 3,
    epochs: 3,
  });
  const steps = ofType(events, "step");
  assertEquals(steps.map(({ step }) => step), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assertEquals(steps.map(({ epoch }) => epoch), [1, 1, 1, 2, 2, 2, 3, 3, 3]);
  assertEquals(steps.map(({ stepInEpoch }) => stepInEpoch), [1, 2, 3, 1, 2, 3, 1, 2, 3]);
  for (const event of steps) {
    const { loss, metrics, gradientNorm, stepsPerSecond, imagesPerSecond } = event;
    const { error, learningRate } = { error: NaN, learningRate: NaN, ...metrics, ...event };
    assert(loss > 0 && loss < 20, `loss ${loss}`);
    assert(error >= 0 && error <= 1);
    assert(gradientNorm > 0 && gradientNorm <= 5.001, `gradient norm ${gradientNorm}`);
    const cosine = 0.05 * (1 + Math.cos(Math.PI * (event.step - 1) / 9));
    assert(Math.abs(learningRate - cosine) < 1e-7, `${learningRate}, not ${cosine}`);
    assert(Math.abs(imagesPerSecond - 20 * stepsPerSecond) < 1e-6 * imagesPerSecond);
  }

  const epochs = ofType(events, "epoch");
  for (const [index, event] of epochs.entries()) {
    const own = steps.filter(({ epoch }) => epoch === index + 1);
    const { row } = event;
    const { trainLoss, trainError, testLoss, testError, ...labels } = row;
    assertEquals(labels, {
      dataset: "synthetic",
      model: "wide_resnet_10_1",
      method: "SAM",
      rho: 0.05,
      labelNoise: 0,
      seed: 0,
      epoch: index + 1,
    });
    assertEquals(trainLoss, own.reduce((sum, { loss }) => sum + loss, 0) / 3);
    assertEquals(trainError, own.reduce((sum, { metrics }) => sum + metrics.error!, 0) / 3);
    assert(testLoss! > 0);
    assert(Math.abs(30 * testError! - Math.round(30 * testError!)) < 1e-4, `${testError} of 30`);
    assertEquals(event.step, 3 * (index + 1));
    assertEquals(event.learningRate, own.at(-1)!.learningRate);
    assertEquals(event.gradientNorm, own.reduce((sum, step) => sum + step.gradientNorm, 0) / 3);
    assertEquals(event.lastGradientNorm, own.at(-1)!.gradientNorm);
    assert(event.parameterNorm > 1 && event.lastParameterNorm > 1);
    assert(event.imagesPerSecond > 0 && event.seconds > 0);
  }
  const paths = [1, 2, 3].map((epoch) => join(folder, `checkpoint_${epoch}.safetensors`));
  assertEquals(ofType(events, "checkpoint").map(({ path }) => path), paths);
  const { seconds, sha256, ...end } = ofType(events, "end")[0]!;
  assertEquals(end, { type: "end", reason: "finished", epoch: 3, step: 9 });
  assert(seconds > 0 && /^[0-9a-f]{64}$/.test(sha256));
});

test("evaluation counts all examples alike, whatever the batches", async () => {
  const whole = await read(await task({ epochs: 1 }));
  const rest = await buildTask({ ...tinyConfig, epochs: 1 });
  const parts = await buildTask({ ...tinyConfig, epochs: 1, batchSize: 7 });
  const cut = await read({ ...rest, evaluation: parts.evaluation });
  const [a, b] = [whole, cut].map((events) => ofType(events, "epoch")[0]!.row);
  assert(Math.abs(a!.testLoss! - b!.testLoss!) < 1e-5);
  assert(Math.abs(a!.testError! - b!.testError!) < 1e-6);
  assertEquals(a!.trainLoss, b!.trainLoss);
});

test("the same configuration gives the same parameters, another one others", async () => {
  const run = async (change: Partial<TrainConfig>) => read(await task({ epochs: 1, ...change }));
  const first = await run({});
  const again = await run({});
  assertEquals(again.map(timeless), first.map(timeless));
  const changes: Partial<TrainConfig>[] = [
    { samRho: 0 },
    { seed: 1 },
    { seed: -1, labelNoise: 0.4 },
    { labelNoise: 0.4 },
    { augmentation: "none" },
    { labelSmoothing: 0.1 },
  ];
  const digests = [sha256Of(first)];
  for (const change of changes) digests.push(sha256Of(await run(change)));
  assertEquals(new Set(digests).size, changes.length + 1);
});

test("rho = 0 is SGD, bit for bit", async () => {
  const config = { ...tinyConfig, samRho: 0, epochs: 1 };
  const built = await buildTask(config);
  const gradient = valueAndGrad(crossEntropyLoss(built.model, config));
  const sgd = sha256Of(await read({ ...built, gradient }));
  assertEquals(sha256Of(await read(built)), sgd);
  assertNotEquals(sha256Of(await read({ ...built, gradient: sam(gradient, { rho: 0.1 }) })), sgd);
});

test("a run that was stopped anywhere goes on bit for bit", async (folder) => {
  const config = { ...tinyConfig, labelNoise: 0.2 };
  const whole = await read(await buildTask(config));
  // In the middle of an epoch, at its last step, and right after it.
  const stops: ((event: TrainEvent) => boolean)[] = [
    (event) => event.type === "step" && event.step === 2,
    (event) => event.type === "step" && event.step === 3,
    (event) => event.type === "step" && event.step === 4,
    (event) => event.type === "epoch" && event.row.epoch === 2,
    (event) => event.type === "start",
  ];
  const parts: TrainEvent[][] = [];
  for (const stop of stops) {
    const task = await buildTask(config);
    parts.push(await readUntil((signal) => fit(task, { folder, signal }), stop));
  }
  assertEquals(
    parts.map((events) => {
      const { reason, epoch, step } = ofType(events, "end")[0]!;
      return { reason, epoch, step };
    }),
    [[0, 2], [0, 3], [1, 4], [2, 6], [2, 6]].map(([epoch, step]) => ({
      reason: "interrupted",
      epoch: epoch!,
      step: step!,
    })),
  );
  assertEquals(
    parts.map((events) => ofType(events, "start")[0]!.resumedFrom?.epoch),
    [undefined, 0, 0, 1, 2],
  );
  parts.push(await read(await buildTask(config), folder));
  const told = parts.flat().filter(({ type }) => type === "step" || type === "epoch");
  assertEquals(
    told.map(timeless),
    whole.filter(({ type }) => type === "step" || type === "epoch").map(timeless),
  );
  assertEquals(sha256Of(parts.at(-1)!), sha256Of(whole));
});

test("the speed of an epoch that was resumed counts only its own steps", async (folder) => {
  const config = { ...tinyConfig, trainCount: 400, epochs: 1 };
  const built = await buildTask(config);
  await readUntil(
    (signal) => fit(built, { folder, signal }),
    (event) => event.type === "step" && event.step === 19,
  );
  const events = await read(built, folder);
  const { imagesPerSecond, seconds } = ofType(events, "epoch")[0]!;
  // One step and its evaluation: in no more than that time 20 images were seen.
  assert(imagesPerSecond * seconds < 20 * 10, `${imagesPerSecond} images/s in ${seconds} s`);
});

test("a finished run ends at once, with the same digest", async (folder) => {
  const first = await read(await task({ epochs: 1 }), folder);
  const again = await read(await task({ epochs: 1 }), folder);
  assertEquals(again.map(({ type }) => type), ["start", "end"]);
  assertEquals(ofType(again, "end")[0]!.reason, "finished");
  assertEquals(sha256Of(again), sha256Of(first));
});

test("aborted before it begins it does nothing", async (folder) => {
  const events = await Array.fromAsync(
    fit(await task(), { folder, signal: AbortSignal.abort() }),
  );
  assertEquals(events.map(({ type }) => type), ["start", "end"]);
  assertEquals(ofType(events, "end")[0]!.reason, "interrupted");
  assertEquals(await latestCheckpoint(folder), undefined);
});

test("aborted while the first step is traced it saves in front of it, and goes on", async (folder) => {
  const stop = new AbortController();
  const events = await Array.fromAsync(fit(await task(), {
    folder,
    signal: stop.signal,
    // When the step is traced; a signal that comes in a trace is heard a turn later.
    onReady: () => Promise.resolve(void setTimeout(() => stop.abort())),
  }));
  assertEquals(events.map(({ type }) => type), ["start", "checkpoint", "end"]);
  const [end] = ofType(events, "end");
  assertEquals([end!.reason, end!.step], ["interrupted", 0]);
  assertEquals(sha256Of(await read(await task(), folder)), sha256Of(await read(await task())));
});

test("goes on from the checkpoint before a damaged one, with a warning", async (folder) => {
  const whole = await read(await task(), folder);
  const newest = join(folder, "checkpoint_3.safetensors");
  const bytes = await Deno.readFile(newest);
  bytes[bytes.length - 100]! ^= 1;
  await Deno.writeFile(newest, bytes);
  const events = await read(await task(), folder);
  assertEquals(events.slice(0, 3).map(({ type }) => type), ["start", "warning", "step"]);
  assert(ofType(events, "warning")[0]!.message.includes("checkpoint_3.safetensors: its sha256"));
  assertEquals(ofType(events, "start")[0]!.resumedFrom?.epoch, 2);
  assertEquals(sha256Of(events), sha256Of(whole));
});

test("refuses a checkpoint of another model, or of something else", async (folder) => {
  await read(await task({ epochs: 1 }), folder);
  await assertRejects(
    async () => await read(await task({ model: "wide_resnet_16_1" }), folder),
    RangeError,
    "use the options that the run was started with",
  );
});

test("a run that diverges and shall continue warns once, also when it is resumed", async (folder) => {
  const diverging = () =>
    task({
      learningRate: 1e30,
      gradientClipping: "none",
      augmentation: "none",
      onNan: "continue",
    });
  const whole = await read(await diverging());
  const warnings = ofType(whole, "warning");
  assertEquals(warnings.length, 1);
  assert(/^The loss is (NaN|Infinity) since step \d$/.test(warnings[0]!.message));
  const rows = (events: TrainEvent[]) => ofType(events, "epoch").map(({ row }) => row);
  assert(rows(whole).every(({ trainLoss }) => !Number.isFinite(trainLoss)));

  const task2 = await diverging();
  const before = await readUntil(
    (signal) => fit(task2, { folder, signal }),
    (event) => event.type === "step" && event.step === 5,
  );
  const after = await read(await diverging(), folder);
  assertEquals([...rows(before), ...rows(after)], rows(whole));
  assertEquals(sha256Of(after), sha256Of(whole));
});

test("an abandoned run releases all, wherever it was left", async (folder) => {
  const built = await task();
  await read(built); // libraries keep some constants from their first use
  const before = backend.binding.getNumOfTensors();
  for (const type of ["start", "step", "epoch", "checkpoint"]) {
    const tensors = tf.memory().numTensors;
    for await (const event of fit(built, { folder: join(folder, type) })) {
      if (event.type === type) break;
    }
    assertEquals(tf.memory().numTensors, tensors, `left at ${type}`);
  }
  assert(backend.binding.getNumOfTensors() <= before, "native handles were leaked");
});

test("a run that fails releases all", async () => {
  const built = await task({ epochs: 1 });
  const wrongLabels = (batches: ClassificationTask["training"]) =>
    batches.map(({ images }) => ({ images, labels: images }));
  const out = tf.tensor1d([7], "int32");
  const beyond = () => tf.ones([7]).gather(out);
  const failing: [change: Partial<ClassificationTask>, message: string][] = [
    [{ training: wrongLabels(built.training) }, "labels of shape [20,28,28,1]"],
    [{ evaluation: wrongLabels(built.evaluation) }, "labels of shape [20,28,28,1]"],
    [{
      training: built.training.map(({ images, labels }) => ({
        images: images.mul(beyond()),
        labels,
      })),
    }, "indices[0] = 7 is not in [0, 7)"],
    [{
      gradient: (params, { images, labels }, pass) =>
        built.gradient(params, { images: images.mul(beyond()), labels }, pass),
    }, "run sam_"],
    [{ inputShape: [20, 28, 28] }, "Cannot"],
  ];
  await read(built); // libraries keep some constants from their first use
  const before = backend.binding.getNumOfTensors();
  for (const [change, message] of failing) {
    const tensors = tf.memory().numTensors;
    await assertRejects(() => read({ ...built, ...change }), Error, message);
    assertEquals(tf.memory().numTensors, tensors, message);
  }
  assert(backend.binding.getNumOfTensors() <= before, "native handles were leaked");
  out.dispose();
});
