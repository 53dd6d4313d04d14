/** Runs whose loss becomes NaN or infinite. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "node:path";
import { type Schedule, sgd } from "../../lib/optim/mod.ts";
import { tf } from "../../lib/tensorflow/mod.ts";
import {
  batches,
  buildTask,
  type ClassificationTask,
  DivergedError,
  fit,
  latestCheckpoint,
  runFolder,
  train,
  type TrainConfig,
  type TrainEvent,
} from "../../lib/train/mod.ts";
import { withoutLeaks } from "../_tensors.ts";
import { cli, ofType, runFiles, sha256Of, tinyConfig, withFolder } from "./_runs.ts";

function test(name: string, body: (folder: string) => Promise<void>): void {
  Deno.test(`diverged: ${name}`, () => withoutLeaks(() => withFolder(body)));
}

const wild = { learningRate: 1e30, gradientClipping: "none", augmentation: "none" } as const;

/** The learning rate ruins the parameters in the second step of the second epoch. */
async function ruined(changes: Partial<TrainConfig> = {}): Promise<ClassificationTask> {
  const learningRate: Schedule = (step) =>
    tf.tidy(() => tf.where(step.greater(3), tf.scalar(1e38), tf.scalar(0.01)) as tf.Scalar);
  const task = await buildTask({ ...tinyConfig, ...changes });
  return { ...task, optimizer: sgd(learningRate, { momentum: 0.9 }), learningRate };
}

async function untilError<Event = TrainEvent>(events: AsyncIterable<Event>) {
  const read: Event[] = [];
  const error = await assertRejects(async () => {
    for await (const event of events) read.push(event);
  }, DivergedError);
  return { read, error };
}

test("stops with the step, the cause and the last good checkpoint, which stays", async (folder) => {
  const { read, error } = await untilError(fit(await ruined(), { folder }));
  const good = join(folder, "checkpoint_1.safetensors");
  assertEquals([error.step, error.checkpoint], [5, good]);
  assertMatch(
    error.message,
    /^Cannot go on training: the norm of the parameters is (NaN|Infinity) after step 5, in epoch 2\./,
  );
  assertMatch(error.message, /a learning rate of 1e\+38 that is too large/);
  assertMatch(error.message, /\(before that step the norm of the parameters was \d+\.\d+\)/);
  assert(error.message.includes(`The last good checkpoint is ${good}. Change that`));
  assertEquals(ofType(read, "step").at(-1)!.step, 5);
  assertEquals((await latestCheckpoint(folder))!.step, 3);
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  assertEquals(names, ["checkpoint_1.safetensors"]);
});

test("saved after every step, and interrupted at the last one, it keeps no bad checkpoint", async (folder) => {
  const stop = new AbortController();
  const task = await ruined({ saveProgressSeconds: 1e-9 });
  const events = (async function* () {
    for await (const event of fit(task, { folder, signal: stop.signal })) {
      if (event.type === "step" && event.step === 5) stop.abort();
      yield event;
    }
  })();
  const { error } = await untilError(events);
  assertEquals((await latestCheckpoint(folder))!.step, 4);
  assertEquals(error.checkpoint, join(folder, "checkpoint_1.safetensors"));
});

test("what stopped goes on where it shall, and then names no bad checkpoint as good", async (folder) => {
  const whole = await Array.fromAsync(fit(await ruined({ onNan: "continue" })));
  await untilError(fit(await ruined(), { folder }));
  const rest = await Array.fromAsync(fit(await ruined({ onNan: "continue" }), { folder }));
  assertEquals(sha256Of(rest), sha256Of(whole));
  assertMatch(ofType(rest, "warning")[0]!.message, /^The loss is (NaN|Infinity) since step \d$/);
  await Deno.remove(join(folder, "checkpoint_3.safetensors"));
  const { error } = await untilError(fit(await ruined(), { folder }));
  assertEquals([error.step, error.checkpoint], [7, undefined]);
  assert(error.message.includes("There is no checkpoint from before it"), error.message);
});

test("a loss that is not finite at first is the data's, or the checkpoint's", async () => {
  const task = await buildTask(tinyConfig);
  const training = task.training.map(({ images, labels }) => ({ images: images.div(0), labels }));
  const { error } = await untilError(fit({ ...task, training }));
  assertMatch(
    error.message,
    /the loss is NaN at step 1, in epoch 1\. The likely cause is a number in the data that/,
  );
});

test("a gradient that is clipped to nothing stops the run, unless it shall go on", async () => {
  const config = { ...tinyConfig, weightDecay: 1e20 };
  const { read, error } = await untilError(fit(await buildTask(config)));
  assertEquals([error.step, ofType(read, "step")[0]!.gradientNorm], [1, Infinity]);
  assertMatch(
    error.message,
    /the norm of the gradient is Infinity at step 1, in epoch 1\. The likely cause is a weight decay of 100000000000000000000 that is too large\. /,
  );
  const events = await Array.fromAsync(fit(await buildTask({ ...config, onNan: "continue" })));
  assertEquals(events.at(-1)!.type, "end");
});

test("what is really likely is told: by the settings and the order of events", async () => {
  const cases: readonly [text: string, changes: Partial<TrainConfig>][] = [
    ["at step 1, in epoch 1. The likely cause is a ρ of 1e+30 that is too large. ", {
      samRho: 1e30,
    }],
    ["after step 1, in epoch 1. The likely cause is a learning rate of 1e+30 that is too large", {
      ...wild,
      samRho: 0,
    }],
    ["a ρ of 1e+30 that is too large, or a weight decay of 1e+25 that is too large. ", {
      samRho: 1e30,
      weightDecay: 1e25,
      learningRate: 1e30,
    }],
  ];
  for (const [text, changes] of cases) {
    const { error } = await untilError(fit(await buildTask({ ...tinyConfig, ...changes })));
    assert(error.message.includes(text), error.message);
  }
});

test("a finite loss without a finite derivative is told so", async () => {
  const task = {
    parameters: { w: tf.scalar(0) },
    loss: ({ w }: { w: tf.Tensor }) => tf.sqrt(tf.abs(w)),
    optimizer: sgd(0.1),
    training: batches({ x: [1, 2] }, { batchSize: 1 }),
    epochs: 1,
  };
  const { error } = await untilError(fit(task));
  tf.dispose(task.parameters);
  assertMatch(
    error.message,
    /at step 1, in epoch 1\. The likely cause is a derivative of the loss/,
  );
});

test("in a process: exit code 3, and a row and a checkpoint of no bad epoch", async (out) => {
  const flags = Object.entries({ ...wild, model: tinyConfig.model, epochs: 2, batchSize: 20 });
  const args = [
    ...flags.map(([name, value]) =>
      `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}=${value}`
    ),
    ...["--train-count=70", "--test-count=30", "--output-dir", out],
  ];
  const config = { ...tinyConfig, ...wild, epochs: 2 };
  {
    await using child = cli(["train", ...args]);
    const { code, stdout, stderr } = await child.ended;
    assertEquals([code, stdout], [3, ""], stderr);
    assertMatch(
      stderr,
      /\nerror: Cannot go on training: .* step \d, in epoch 1\. .*\n$/,
    );
    assertMatch(
      stderr,
      /a learning rate of 1e\+30 that is too large, for gradients that are not clipped/,
    );
    assertEquals(await runFiles(out, config), ["config.json", "metrics.jsonl"]);
  }
  await using child = cli(["train", ...args, "--on-nan=continue"]);
  assertEquals((await child.ended).code, 0);
  const text = await Deno.readTextFile(join(out, runFolder(config), "metrics.jsonl"));
  assertEquals(text.match(/"trainLoss":null/g)?.length, 2);
});

test("a run through train keeps its rows and checkpoints", async (out) => {
  const config = { ...tinyConfig, ...wild };
  await untilError(train(config, { outputDir: out }));
  assertEquals(await runFiles(out, config), ["config.json", "metrics.jsonl"]);
});
