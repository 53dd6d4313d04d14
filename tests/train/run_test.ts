import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import {
  ConfigError,
  ConfigMismatchError,
  FolderInUseError,
  readMetrics,
  runFolder,
  train,
  type TrainConfig,
  type TrainEvent,
} from "../../lib/train/mod.ts";
import { decodeSafetensors } from "../../lib/checkpoints/mod.ts";
import { unpackBits } from "../../lib/metrics/mod.ts";
import { codeVersion, commitOf } from "../../lib/system/mod.ts";
import { instructionSet } from "../../lib/tensorflow/mod.ts";
import { withoutLeaks } from "../_tensors.ts";
import { ofType, readUntil, runFile, runFiles, sha256Of, tinyConfig, withFolder } from "./_runs.ts";

const folder = join(...runFolder(tinyConfig).split("/"));

const run = (outputDir: string, changes: Partial<TrainConfig> = {}, restart = false) =>
  Array.fromAsync(train({ ...tinyConfig, ...changes }, { outputDir, restart }));

/** The same in one folder, whatever the configuration. */
const runIn = (folder: string, changes: Partial<TrainConfig> = {}, restart = false) =>
  Array.fromAsync(train({ ...tinyConfig, ...changes }, { folder, restart }));

function test(name: string, body: (outputDir: string) => Promise<void>): void {
  Deno.test(`train: ${name}`, () => withoutLeaks(() => withFolder(body)));
}

const optional = (name: string, value: unknown) => value === undefined ? {} : { [name]: value };

/** Contents of all files below a folder, by path. */
async function contents(path: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory) Object.assign(found, await contents(join(path, name)));
    else found[join(path, name)] = (await Deno.readFile(join(path, name))).toBase64();
  }
  return found;
}

test("keeps configuration, metrics, events and two checkpoints in the run's folder", async (out) => {
  const events = await run(out);
  assertEquals(await runFiles(out, tinyConfig), [
    "checkpoint_2.safetensors",
    "checkpoint_3.safetensors",
    "config.json",
    "metrics.jsonl",
    "result.json",
  ]);
  const { sha256, seconds, finished: _, machine: __, testRight, ...told } = JSON.parse(
    await runFile(out, tinyConfig, "result.json"),
  );
  assertEquals(sha256, sha256Of(events));
  assert(seconds > 0);
  assertEquals(told, {
    ...optional("instructionSet", instructionSet()),
    threads: navigator.hardwareConcurrency,
    tensorflow: told.tensorflow,
    oneDnn: Deno.env.get("TF_ENABLE_ONEDNN_OPTS") !== "0",
    ...optional("commit", commitOf()),
    code: codeVersion().slice(0, 12),
  });
  const right = unpackBits(testRight);
  assertEquals(right.length, tinyConfig.testCount);
  const errors = right.filter((bit) => bit === 0).length;
  assertEquals(errors / right.length, ofType(events, "epoch").at(-1)!.row.testError);
  const names = await Array.fromAsync(Deno.readDir(join(out, folder)));
  assertEquals(names.filter(({ name }) => name.startsWith("events.out.tfevents.")).length, 1);
  assertEquals(JSON.parse(await runFile(out, tinyConfig, "config.json")), tinyConfig);
  const rows = await readMetrics(join(out, folder, "metrics.jsonl"));
  assertEquals(
    rows,
    ofType(events, "epoch").map((event) => ({
      ...event.row,
      step: event.step,
      learningRate: event.learningRate,
      gradientNorm: event.gradientNorm,
      parameterNorm: event.parameterNorm,
      lastGradientNorm: event.lastGradientNorm,
      lastParameterNorm: event.lastParameterNorm,
    })),
  );
});

test("stopped at any event it goes on to the same digest and the same bytes", async (out) => {
  const whole = await run(join(out, "whole"));
  const stops: ((event: TrainEvent) => boolean)[] = [
    (event) => event.type === "step" && event.step === 2,
    (event) => event.type === "epoch" && event.row.epoch === 1,
    (event) => event.type === "step" && event.step === 8,
  ];
  const outputDir = join(out, "parts");
  for (const stop of stops) {
    await readUntil((signal) => train(tinyConfig, { outputDir, signal }), stop);
  }
  const last = await run(outputDir);
  assertEquals(sha256Of(last), sha256Of(whole));
  for (const name of ["metrics.jsonl", "config.json"]) {
    assertEquals(
      await runFile(outputDir, tinyConfig, name),
      await runFile(join(out, "whole"), tinyConfig, name),
    );
  }
});

test("left by its reader at any event it goes on to the same bytes", async (out) => {
  const whole = await run(join(out, "whole"));
  const outputDir = join(out, "parts");
  // Between an epoch's row and its checkpoint, after the checkpoint, within an epoch.
  for (const type of ["epoch", "checkpoint", "step"]) {
    for await (const event of train(tinyConfig, { outputDir })) {
      if (event.type === type) break;
    }
  }
  assertEquals(sha256Of(await run(outputDir)), sha256Of(whole));
  assertEquals(
    await runFile(outputDir, tinyConfig, "metrics.jsonl"),
    await runFile(join(out, "whole"), tinyConfig, "metrics.jsonl"),
  );
});

test("a finished run is left as it is", async (out) => {
  const first = await run(out, { epochs: 1 });
  const before = await contents(out);
  const again = await run(out, { epochs: 1 });
  assertEquals(sha256Of(again), sha256Of(first));
  assertEquals(await contents(out), before);
  const rows = ofType(again, "start")[0]!.resumedFrom?.rows;
  assertEquals(
    rows?.map(({ epoch, testError }) => [epoch, testError]),
    ofType(first, "epoch").map(({ row }) => [row.epoch, row.testError]),
  );
  assertEquals(ofType(again, "epoch"), []);
});

test("another configuration in the same folder is refused, and nothing changed", async (out) => {
  await runIn(out, { epochs: 1 });
  const before = await contents(out);
  const cases: [changes: Partial<TrainConfig>, key: keyof TrainConfig, message: string][] = [
    [{ epochs: 2 }, "epochs", "a run with epochs 1, not 2"],
    [{ epochs: 1, momentum: 0.5 }, "momentum", "with momentum 0.9, not 0.5"],
    [{ epochs: 1, trainCount: undefined }, "trainCount", "with trainCount 70, not undefined"],
    [{ epochs: 1, m: 5 }, "m", "with m none, not 5"],
    [{ epochs: 1, freezeBatchNorm: false }, "freezeBatchNorm", "undefined, not false"],
  ];
  for (const [changes, key, message] of cases) {
    const error = await assertRejects(() => runIn(out, changes), ConfigMismatchError, message);
    assertEquals(error.key, key);
  }
  assertEquals(await contents(out), before);
});

test("another configuration is another run, with a folder of its own", async (out) => {
  const whole = await run(out, { epochs: 1 });
  const groups = await run(out, { epochs: 1, m: 5 });
  assertNotEquals(sha256Of(groups), sha256Of(whole));
  const again = await run(out, { epochs: 1 });
  assertEquals(ofType(again, "step"), []);
  assertEquals(sha256Of(again), sha256Of(whole));
  const skipping = await run(out, { epochs: 1, additionalSkipConnections: true });
  assertNotEquals(sha256Of(skipping), sha256Of(whole));
});

test("how often a run is saved may change, and its configuration stays as it was", async (out) => {
  const kept = { saveProgressSeconds: 60, additionalCheckpointsAtEpochs: [1] };
  const stopped = await readUntil(
    (signal) => train(tinyConfig, { outputDir: out, signal }),
    (event) => event.type === "step" && event.step === 2,
  );
  const before = await runFile(out, tinyConfig, "config.json");
  const events = await run(out, kept);
  assertEquals(sha256Of(events), sha256Of(await run(join(out, "whole"))));
  assertEquals(ofType(stopped, "end")[0]!.step, 2);
  assertEquals(await runFile(out, tinyConfig, "config.json"), before);
  assertEquals((await runFiles(out, tinyConfig)).slice(0, 2), [
    "additional_checkpoint_1.safetensors",
    // What the interruption left, in its first epoch.
    "checkpoint_0.safetensors",
  ]);
});

test("epochs without evaluation have no figures of one, also where the run goes on", async (out) => {
  const changes = { evaluateEvery: 2, emaDecay: 0.9, evaluateTrainingSet: true, labelNoise: 0.2 };
  const config = { ...tinyConfig, ...changes };
  await run(join(out, "whole"), changes);
  for (const step of [2, 4, 8]) {
    await readUntil(
      (signal) => train(config, { outputDir: join(out, "parts"), signal }),
      (event) => event.type === "step" && event.step === step,
    );
  }
  await run(join(out, "parts"), changes);
  const text = await runFile(join(out, "whole"), config, "metrics.jsonl");
  assertEquals(await runFile(join(out, "parts"), config, "metrics.jsonl"), text);
  const rows = text.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(rows.map((row) => "testError" in row), [false, true, true]);
  const names = Object.keys(rows[0]);
  for (const name of ["testLoss", "lastTestError", "evalOnTrainLoss", "evalOnWrongLabelsError"]) {
    assert(!names.includes(name) && name in rows[1], name);
  }
  for (const name of ["trainLoss", "gradientNorm", "lastParameterNorm"]) {
    assert(names.includes(name), name);
  }
});

test("a run of an older version goes on, or is refused where that trained otherwise", async (out) => {
  const older = async (config: TrainConfig) => {
    const path = join(out, ...runFolder(config).split("/"));
    await Deno.mkdir(path, { recursive: true });
    const { additionalSkipConnections: _, ...entries } = config;
    const text = JSON.stringify({ ...entries, freezeBatchNorm: "no" });
    await Deno.writeTextFile(join(path, "config.json"), text);
  };
  await older(tinyConfig);
  assertEquals(ofType(await run(out), "end")[0]!.reason, "finished");
  const finetuning = { model: "efficientnet_b0", imageSize: 32 };
  await older({ ...tinyConfig, ...finetuning });
  const error = await assertRejects(
    () => run(out, finetuning),
    ConfigMismatchError,
    "it is a run of efficientnet_b0 by an older version",
  );
  assertEquals(error.key, "freezeBatchNorm");
  const events = await run(out, { ...finetuning, epochs: 1, samRho: 0 }, true);
  assertEquals(ofType(events, "end")[0]!.reason, "finished");
});

test("restart begins anew, with another configuration too", async (out) => {
  const first = await runIn(out, { epochs: 1 });
  const events = await runIn(out, { epochs: 2 }, true);
  assertEquals(ofType(events, "start")[0]!.resumedFrom, undefined);
  assertNotEquals(sha256Of(events), sha256Of(first));
  assertEquals((await readMetrics(join(out, "metrics.jsonl"))).length, 2);
  const again = await runIn(out, { epochs: 1 }, true);
  assertEquals(sha256Of(again), sha256Of(first));
});

test("a configuration that is damaged is named", async (out) => {
  await run(out, { epochs: 1 });
  const path = join(out, runFolder({ ...tinyConfig, epochs: 1 }), "config.json");
  for (const text of ["{", "null", "[]", "3"]) {
    await Deno.writeTextFile(path, text);
    await assertRejects(() => run(out, { epochs: 1 }), Deno.errors.InvalidData, path);
  }
});

test("a run that ended before its first checkpoint does not hold the folder", async (out) => {
  for await (const event of train(tinyConfig, { outputDir: out, folder: out })) {
    if (event.type === "step") break; // left without saving
  }
  const stopped = await runFileIn(out, "config.json");
  const other = { ...tinyConfig, epochs: 1, momentum: 0.5 };
  const events = await Array.fromAsync(train(other, { outputDir: out, folder: out }));
  assertEquals(ofType(events, "end")[0]!.reason, "finished");
  const written = await runFileIn(out, "config.json");
  assertEquals([JSON.parse(stopped).momentum, JSON.parse(written).momentum], [0.9, 0.5]);
  const error = await assertRejects(
    () => Array.fromAsync(train(tinyConfig, { outputDir: out, folder: out })),
    ConfigMismatchError,
  );
  assertEquals(error.key, "epochs");
});

const runFileIn = (folder: string, name: string) => Deno.readTextFile(join(folder, name));

test("two at once do not train in one folder", async (out) => {
  const first = train(tinyConfig, { outputDir: out });
  await first.next();
  const before = await contents(out);
  const message = "another process is training there";
  await assertRejects(() => run(out), Error, message);
  await assertRejects(() => run(out, {}, true), Error, message);
  assertEquals(await contents(out), before);
  await first.return(undefined);
  assertEquals(ofType(await run(out), "end")[0]!.reason, "finished");
});

test("a run that diverges and shall continue is kept with null in its metrics", async (out) => {
  const changes = {
    learningRate: 1e30,
    gradientClipping: "none",
    epochs: 2,
    onNan: "continue",
  } as const;
  await run(out, changes);
  const text = await runFile(out, { ...tinyConfig, ...changes }, "metrics.jsonl");
  assert(text.includes('"trainLoss":null'), text);
});

test("says which counts cannot be, and writes nothing", async (out) => {
  const cases: [changes: Partial<TrainConfig>, key: keyof TrainConfig, message: string][] = [
    [{ batchSize: 71 }, "batchSize", "the training set has 70 examples"],
    [{ trainCount: 2 ** 21 }, "trainCount", "must be an integer from 1 to 1048576"],
    [{ testCount: 2 ** 21 }, "testCount", "must be an integer from 1 to 1048576"],
  ];
  for (const [changes, key, message] of cases) {
    const error = await assertRejects(() => run(out, changes), ConfigError, message);
    assertEquals(error.key, key);
  }
  assertEquals(await contents(out), {});
});

test("images too small for the network are told as such", async (out) => {
  const small = await assertRejects(
    () => run(out, { imageSize: 1 }),
    ConfigError,
    "Cannot train wide_resnet_10_1 on images of 1 × 1 × 1: they do not fit its layers",
  );
  assertEquals(small.key, "imageSize");
});

test("a start that fails claims no folder, and takes nothing from a run that is there", async (out) => {
  const failing: Partial<TrainConfig>[] = [
    { initFrom: join(out, "typo") },
    { imageSize: 1 },
    { initFrom: join(out, "typo"), additionalCheckpointsAtEpochs: [0] },
    { imageSize: 1, additionalCheckpointsAtEpochs: [0] },
  ];
  const outputDir = join(out, "runs");
  for (const changes of failing) {
    await assertRejects(() => run(outputDir, changes), Error, "Cannot");
    assertEquals(existsSync(outputDir), false);
  }
  const events = await run(outputDir, { epochs: 1, additionalCheckpointsAtEpochs: [0] });
  assertEquals(ofType(events, "end")[0]!.reason, "finished");
  const before = await contents(outputDir);
  for (const changes of failing) {
    await assertRejects(() => run(outputDir, changes, true), Error, "Cannot");
    assertEquals(await contents(outputDir), before);
  }
});

test("killed while it deletes a run to restart it, it leaves nothing that could be mistaken", async (out) => {
  const { remove } = Deno;
  const whole = await run(join(out, "whole"));
  await runIn(out);
  Deno.remove = (path, options) =>
    `${path}`.endsWith("metrics.jsonl")
      ? Promise.reject(new Error("killed"))
      : remove(path, options);
  try {
    await assertRejects(() => runIn(out, { epochs: 1 }, true), Error, "killed");
  } finally {
    Deno.remove = remove;
  }
  await assertRejects(() => runIn(out, { epochs: 1 }), ConfigMismatchError);
  const events = await runIn(out);
  assertEquals(ofType(events, "start")[0]!.resumedFrom, undefined);
  assertEquals(sha256Of(events), sha256Of(whole));
  assertEquals(
    await runFileIn(out, "metrics.jsonl"),
    await runFile(join(out, "whole"), tinyConfig, "metrics.jsonl"),
  );
});

test("interrupted before its first step it leaves nothing", async (out) => {
  const outputDir = join(out, "runs");
  const events = await readUntil(
    (signal) => train(tinyConfig, { outputDir, signal }),
    (event) => event.type === "start",
  );
  assertEquals(events.map(({ type }) => type), ["start", "end"]);
  assertEquals(existsSync(outputDir), false);
});

test("names who trains in a folder, and not whoever did before", async (out) => {
  const path = join(out, folder, "lock.json");
  await Deno.mkdir(join(out, folder), { recursive: true });
  await Deno.writeTextFile(path, JSON.stringify({ pid: 1, host: "gone" }));
  const first = train(tinyConfig, { outputDir: out });
  await first.next();
  const who = { pid: Deno.pid, host: hostname() };
  assertEquals(JSON.parse(await Deno.readTextFile(path)), who);
  const error = await assertRejects(() => run(out), FolderInUseError);
  assert(error.message.includes(`is training there (pid ${who.pid} on ${who.host}). Wait for it`));
  await Deno.writeTextFile(path, "");
  await assertRejects(() => run(out), FolderInUseError, "is training there. Wait for it");
  await first.return(undefined);
  assertEquals(existsSync(path), false);
});

test("names what cannot be written", async (out) => {
  const file = join(out, "file");
  await Deno.writeTextFile(file, "");
  await assertRejects(() => run(file), Error, `Cannot write ${join(file, folder)}: `);
});

test("keeps wrong labels and true ones beside the run", async (out) => {
  const config = { ...tinyConfig, labelNoise: 0.4 };
  await run(out, { labelNoise: 0.4 });
  const path = join(out, ...runFolder(config).split("/"), "train_labels.safetensors");
  const { arrays } = decodeSafetensors(await Deno.readFile(path));
  const { labels, true_labels: truth } = arrays as Record<string, { data: Int32Array }>;
  const wrong = labels!.data.filter((label, example) => label !== truth!.data[example]).length;
  assertEquals(wrong, Math.round(0.4 * truth!.data.length));
});

test("asymmetric noise of classes that nobody confuses is an error of the configuration", async (out) => {
  const error = await assertRejects(
    () => run(out, { labelNoise: 0.4, labelNoiseKind: "asymmetric" }),
    ConfigError,
    "only for the classes of CIFAR-10",
  );
  assertEquals(error.key, "labelNoiseKind");
});
