/** Sweeps over tasks of one's own, and a task's run in a folder. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import { sgd } from "../../lib/optim/mod.ts";
import { ownRunsOf, sweep } from "../../lib/runs/mod.ts";
import { tf } from "../../lib/tensorflow/mod.ts";
import {
  batches,
  ConfigMismatchError,
  readMetrics,
  task,
  type TaskRow,
  trainTask,
} from "../../lib/train/mod.ts";
import { withoutLeaks } from "../_tensors.ts";
import { withFolder } from "../train/_runs.ts";

interface Settings {
  readonly rate: number;
  readonly seed: number;
}

/** Tasks that find the mean of numbers, beginning with `from`. */
const taskOf = ({ rate, seed }: Settings, from = 0) =>
  task({
    parameters: () => ({ w: tf.scalar(from) }),
    loss: ({ w }, { x }) => tf.mean(tf.square(tf.sub(x, w))),
    optimizer: sgd(rate),
    training: batches({ x: [1, 2, 3, 4] }, { batchSize: 2 }),
    epochs: 2,
    seed,
  });

function experiment(name: string, version: number, from = 0) {
  return {
    name: "rates",
    builder: { name, version, build: (config: Settings) => taskOf(config, from) },
    base: { rate: 0.1 },
    grid: { rate: [0.1, 0.2] },
    seeds: [0, 1],
  };
}

/** What came of each run, and whence. */
async function swept(given: ReturnType<typeof experiment>, outputDir: string) {
  const found: { source: string; rate: number; sha256: string; losses: number[] }[] = [];
  for await (const event of sweep(given, { outputDir })) {
    if (event.type === "failed") throw event.error;
    if (event.type !== "run") continue;
    const { source, run, rows, result: { sha256 } } = event;
    const losses = rows.map(({ trainLoss }) => trainLoss);
    found.push({ source, rate: run.config.rate, sha256, losses });
  }
  return found;
}

Deno.test("own sweep: trains each run once, and finds it again", () =>
  withoutLeaks(() =>
    withFolder(async (outputDir) => {
      const first = await swept(experiment("mean", 1), outputDir);
      assertEquals(first.map(({ source, rate }) => [source, rate]), [
        ["trained", 0.1],
        ["trained", 0.2],
        ["trained", 0.1],
        ["trained", 0.2],
      ]);
      assertEquals(new Set(first.map(({ sha256 }) => sha256)).size, 4);
      assert(first.every(({ losses }) => losses.length === 2 && losses[1]! < losses[0]!));
      const again = await swept(experiment("mean", 1), outputDir);
      assertEquals(again, first.map((run) => ({ ...run, source: "folder" })));
    })
  ));

Deno.test("own sweep: two builders with one configuration do not share results", () =>
  withFolder(async (outputDir) => {
    const [first] = await swept(experiment("mean", 1), outputDir);
    for (const [name, version] of [["mean", 2], ["other mean", 1]] as const) {
      const [found] = await swept(experiment(name, version, 3), outputDir);
      assertEquals([found!.source, found!.rate], ["trained", first!.rate]);
      assert(found!.sha256 !== first!.sha256);
    }
    const [same] = await swept(experiment("mean", 1, 3), outputDir);
    assertEquals(same!.source, "folder");
  }));

Deno.test("own sweep: runs differ by builder, version, configuration and seed", () => {
  const ids = [experiment("a", 1), experiment("a", 2), experiment("b", 1)]
    .flatMap((given) => ownRunsOf(given).map(({ id }) => id));
  assertEquals(new Set(ids).size, 12);
  assertEquals(ids.slice(0, 4), ownRunsOf(experiment("a", 1)).map(({ id }) => id));
  const twice = { ...experiment("a", 1), grid: { rate: [0.1, 0.1] } };
  assertEquals(ownRunsOf(twice).length, 2);
  const named = { ...experiment("a", 1), variants: [{ method: "fast", config: { rate: 1 } }] };
  assertEquals(ownRunsOf(named).map(({ method, config }) => [method, config.rate]), [
    ["fast", 1],
    ["fast", 1],
  ]);
  assertThrows(() => ownRunsOf({ ...experiment("a", 1), seeds: [] }), RangeError, "no seeds");
  assertThrows(() => ownRunsOf(experiment("", 1)), TypeError, "needs a name and a version");
});

Deno.test("own sweep: rows have the configuration, the builder's name and the run", () =>
  withFolder(async (outputDir) => {
    const given = { ...experiment("mean", 1), grid: {}, seeds: [3] };
    for await (const event of sweep(given, { outputDir })) {
      if (event.type !== "run") continue;
      const { method, model, rate, seed, run, epoch } = event.rows[1]!;
      assertEquals({ method, model, rate, seed, epoch }, {
        method: "mean",
        model: "mean",
        rate: 0.1,
        seed: 3,
        epoch: 2,
      });
      assertEquals(run, event.run.id);
      const folder = join(outputDir, event.run.folder);
      const config = JSON.parse(await Deno.readTextFile(join(folder, "config.json")));
      assertEquals(config, { rate: 0.1, seed: 3, builder: { name: "mean", version: 1 } });
    }
  }));

Deno.test("own sweep: a run that cannot be built is told, and the others are trained", () =>
  withFolder(async (outputDir) => {
    const { builder, ...rest } = experiment("mean", 1);
    const build = (config: Settings) => {
      if (config.rate === 0.1) throw config.seed === 0 ? new RangeError("of its own") : "a text";
      return builder.build(config);
    };
    const failing = { ...rest, builder: { ...builder, build } };
    const types: string[] = [];
    const reasons: string[] = [];
    for await (const event of sweep(failing, { outputDir })) {
      if (event.type !== "train") types.push(event.type);
      if (event.type === "failed") reasons.push(event.error.message);
    }
    assertEquals(reasons, ["of its own", "Cannot train the run: its task threw a text"]);
    assertEquals(types, ["sweep", "failed", "run", "failed", "run", "sweep-end"]);
  }));

Deno.test("trainTask: keeps what train keeps, goes on, and refuses another task's folder", () =>
  withoutLeaks(() =>
    withFolder(async (folder) => {
      const own = (rate: number) => ({
        ...taskOf({ rate, seed: 0 }),
        epochs: 4,
        config: { rate, note: undefined },
      });
      const whole = await Array.fromAsync(trainTask(own(0.1), { folder: join(folder, "whole") }));
      const controller = new AbortController();
      const { signal } = controller;
      const path = join(folder, "parts");
      for await (const event of trainTask(own(0.1), { folder: path, signal })) {
        if (event.type === "step" && event.step === 3) controller.abort();
      }
      const rest = await Array.fromAsync(trainTask(own(0.1), { folder: path }));
      const digestOf = (events: typeof whole) =>
        events.flatMap((event) => event.type === "end" ? [event.sha256] : []);
      assertEquals(digestOf(rest), digestOf(whole));
      const [metrics, expected] = await Promise.all(
        [path, join(folder, "whole")].map((at) => Deno.readTextFile(join(at, "metrics.jsonl"))),
      );
      assertEquals(metrics, expected);
      const rows = await readMetrics<TaskRow>(join(path, "metrics.jsonl"));
      assertEquals(rows.map(({ epoch }) => epoch), [1, 2, 3, 4]);
      const names = (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).sort();
      assertEquals(names.filter((name) => !name.startsWith("events.")), [
        "checkpoint_3.safetensors",
        "checkpoint_4.safetensors",
        "config.json",
        "metrics.jsonl",
        "result.json",
      ]);
      assert(names.some((name) => name.startsWith("events.")));
      const error = await assertRejects(
        () => Array.fromAsync(trainTask(own(0.2), { folder: path })),
        ConfigMismatchError,
        "it holds a run with rate 0.1, not 0.2",
      );
      assertEquals(error.key, "rate");
      const anew = await Array.fromAsync(trainTask(own(0.2), { folder: path, restart: true }));
      assert(digestOf(anew)[0] !== digestOf(whole)[0]);
    })
  ));

Deno.test("trainTask: refuses fewer epochs than are done, and takes as many or more", () =>
  withoutLeaks(() =>
    withFolder(async (folder) => {
      const events = (epochs: number, signal?: AbortSignal) =>
        trainTask({ ...taskOf({ rate: 0.1, seed: 0 }), epochs }, { folder, signal });
      const trained = (epochs: number) => Array.fromAsync(events(epochs));
      await trained(3);
      const path = join(folder, "checkpoint_3.safetensors");
      await assertRejects(
        () => trained(2),
        RangeError,
        `Cannot train for 2 epochs: the run of ${path} has done 3. Ask for as many or more, choose ` +
          "another folder, or restart",
      );
      assertEquals((await trained(3)).at(-1)!.type, "end");
      const controller = new AbortController();
      for await (const event of events(4, controller.signal)) {
        if (event.type === "step") controller.abort();
      }
      await assertRejects(() => trained(3), RangeError, "has done 3 and 1 steps. Ask for");
      await trained(4);
      await trained(5);
      const rows = await readMetrics<TaskRow>(join(folder, "metrics.jsonl"));
      assertEquals(rows.map(({ epoch }) => epoch), [1, 2, 3, 4, 5]);
    })
  ));
