import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import {
  type Experiment,
  type FinishedRun,
  finishedRuns,
  readRecords,
  runsOf,
  sweep,
  type SweepEvent,
  type SweepOptions,
  writeRecords,
} from "../../lib/runs/mod.ts";
import { packBits, type PackedBits } from "../../lib/metrics/mod.ts";
import { ConfigError, runFolder, train } from "../../lib/train/mod.ts";
import { lockFolder } from "../../lib/train/_lock_folder.ts";
import { withoutLeaks } from "../_tensors.ts";
import { ofType, sha256Of, tinyConfig, withFolder } from "../train/_runs.ts";

const experiment: Experiment = {
  name: "tiny",
  base: { ...tinyConfig, epochs: 2 },
  variants: [
    { method: "plain", config: { samRho: 0 } },
    { config: { samRho: 0.05 } },
  ],
  seeds: [0],
};

/** The first bytes of one. */
const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

const [plain, sam] = runsOf(experiment);

function test(name: string, body: (outputDir: string) => Promise<void>): void {
  Deno.test(`sweep: ${name}`, () => withoutLeaks(() => withFolder(body)));
}

const all = (options: SweepOptions, other: Partial<Experiment> = {}) =>
  Array.fromAsync(sweep({ ...experiment, ...other }, options));

/** What became of each run, in order. */
function sources(events: readonly SweepEvent[]): string[] {
  return events.filter((event) => event.type === "run")
    .map(({ run, source }) => `${run.method} ${source}`);
}

const rowsOf = (events: readonly SweepEvent[]) =>
  events.flatMap((event) => event.type === "run" ? event.rows : []);

test("trains what is missing once, and finds it again", async (outputDir) => {
  const first = await all({ outputDir });
  assertEquals(sources(first), ["plain trained", "SAM trained"]);
  assertEquals(first[0]!.type, "sweep");
  assertEquals(first.at(-1), { type: "sweep-end", reason: "finished" });
  const rows = rowsOf(first);
  const [trained] = first.flatMap((event) => event.type === "run" ? event.result : []);
  const { machine, tensorflow } = trained!;
  for (const { trainedOn = "" } of rows) {
    assert(
      trainedOn.startsWith(machine) && trainedOn.endsWith(`TensorFlow ${tensorflow}`),
      trainedOn,
    );
  }
  assertEquals(
    rows.map(({ method, rho, epoch, run, batchSize }) => [method, rho, epoch, run, batchSize]),
    [plain!, sam!].flatMap(({ id, method, config }) =>
      [1, 2].map((epoch) => [method, config.samRho, epoch, id, tinyConfig.batchSize])
    ),
  );
  const second = await all({ outputDir });
  assertEquals(sources(second), ["plain folder", "SAM folder"]);
  assertEquals(rowsOf(second), rows);
  assert(!second.some(({ type }) => type === "train"));
  const result = second.find((event) => event.type === "run")!.result;
  assert(result.seconds! > 0 && result.sha256.length === 64 && result.machine !== "");
});

test("what train finished is found by a sweep, and the other way round", async (outputDir) => {
  const trained = await Array.fromAsync(train(plain!.config, { outputDir }));
  const events = await all({ outputDir });
  assertEquals(sources(events), ["plain folder", "SAM trained"]);
  const results = events.filter((event) => event.type === "run").map(({ result }) => result);
  assertEquals(results[0]!.sha256, sha256Of(trained));
  const again = await Array.fromAsync(train(sam!.config, { outputDir }));
  assertEquals(ofType(again, "step"), []);
  assertEquals(sha256Of(again), results[1]!.sha256);
});

test("another value of a setting is another run", async (outputDir) => {
  await all({ outputDir });
  const base = { ...experiment.base, weightDecay: 0.01 };
  assertEquals(sources(await all({ outputDir }, { base })), ["plain trained", "SAM trained"]);
  assertEquals(sources(await all({ outputDir })), ["plain folder", "SAM folder"]);
});

test("stopped in a run it goes on with that run, to the same parameters", async (outputDir) => {
  const whole = await all({ outputDir: join(outputDir, "whole") });
  const stop = new AbortController();
  const options = { outputDir: join(outputDir, "parts"), signal: stop.signal };
  const seen: SweepEvent[] = [];
  for await (const event of sweep(experiment, options)) {
    seen.push(event);
    if (event.type === "train" && event.run.method === "SAM" && event.event.type === "epoch") {
      stop.abort();
    }
  }
  assertEquals(seen.at(-1), { type: "sweep-end", reason: "interrupted" });
  assertEquals(sources(seen), ["plain trained"]);
  const rest = await all({ outputDir: join(outputDir, "parts") });
  assertEquals(sources(rest), ["plain folder", "SAM trained"]);
  const resumed = rest.findLast((event) => event.type === "run")!.result;
  assertEquals(resumed.sha256, whole.findLast((event) => event.type === "run")!.result.sha256);
  assertEquals(resumed.seconds, undefined);
});

test("a run that diverges is given up, and the others are trained", async (outputDir) => {
  const wild = { learningRate: 1e30, gradientClipping: "none" as const };
  const variants = [{ method: "wild", config: wild }, ...experiment.variants!];
  for (const tries of [1, 2]) {
    const events = await all({ outputDir }, { variants });
    const source = tries === 1 ? "trained" : "folder";
    assertEquals(sources(events).toSorted(), [`SAM ${source}`, `plain ${source}`]);
    const [diverged, ...others] = events.filter((event) => event.type === "diverged");
    assertEquals([diverged!.run.method, others.length], ["wild", 0]);
    assert(diverged!.error.message.includes("a learning rate of 1e+30"), diverged!.error.message);
    assertEquals(events.at(-1), { type: "sweep-end", reason: "finished" });
  }
  const base = { ...experiment.base, onNan: "continue" as const };
  const events = await all({ outputDir }, { variants, base });
  assertEquals(sources(events).toSorted(), ["SAM folder", "plain folder", "wild trained"]);
  const rows = rowsOf(events).filter(({ method }) => method === "wild");
  assertEquals(rows.map(({ trainLoss }) => Number.isFinite(trainLoss)), [false, false]);
});

test("a finished run that diverged is told as such, unless that is asked for", async (outputDir) => {
  const wild = { ...experiment.base, learningRate: 1e30, gradientClipping: "none" as const };
  const only = { variants: [{ method: "wild", config: {} }] };
  const accepted = { ...only, base: { ...wild, onNan: "continue" as const } };
  assertEquals(sources(await all({ outputDir }, accepted)), ["wild trained"]);
  const events = await all({ outputDir }, { ...only, base: wild });
  assertEquals(events.map(({ type }) => type), ["sweep", "diverged", "sweep-end"]);
  const [diverged] = events.filter((event) => event.type === "diverged");
  const { message } = diverged!.error;
  assert(message.includes("its loss is NaN since epoch 1"), message);
  assertEquals(sources(await all({ outputDir }, accepted)), ["wild folder"]);
});

test("a run that cannot be built or resumed is told, and the others are trained", async (outputDir) => {
  const base = { ...experiment.base, epochs: 1 };
  const variants = [{ method: "tiny", config: { imageSize: 1 } }, ...experiment.variants!];
  const [, second] = runsOf({ ...experiment, base, variants });
  const folder = join(outputDir, runFolder(second!.config));
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(join(folder, "config.json"), "{");
  const events = await all({ outputDir }, { base, variants });
  assertEquals(sources(events), ["SAM trained"]);
  const failed = events.filter((event) => event.type === "failed");
  assertEquals(failed.map(({ run }) => run.method), ["tiny", "plain"]);
  const [small, damaged] = failed.map(({ error }) => error.message);
  assert(small!.startsWith("Cannot train wide_resnet_10_1 on images of 1 × 1 × 1: "), small);
  assert(damaged!.includes("config.json: it is not JSON"), damaged);
  assertEquals(events.at(-1), { type: "sweep-end", reason: "finished" });
});

test("a finished run whose metrics are gone is told", async (outputDir) => {
  await all({ outputDir });
  await Deno.remove(join(outputDir, runFolder(plain!.config), "metrics.jsonl"));
  const events = await all({ outputDir });
  assertEquals(sources(events), ["SAM folder"]);
  const [failed] = events.filter((event) => event.type === "failed");
  const { message } = failed!.error;
  assert(message.includes("metrics.jsonl: there is no such file"), message);
});

test("interrupted while data are loaded it ends as interrupted", async (outputDir) => {
  const folder = join(outputDir, "images");
  for (const name of ["a", "b"]) {
    await Deno.mkdir(join(folder, name), { recursive: true });
    await Deno.writeFile(join(folder, name, "x.png"), PNG);
  }
  const stop = new AbortController();
  const base = { ...experiment.base, dataset: `folder:${folder}` };
  const events: SweepEvent[] = [];
  const options = { outputDir: join(outputDir, "runs"), signal: stop.signal };
  for await (const event of sweep({ ...experiment, base }, options)) {
    if (event.type === "sweep") stop.abort();
    events.push(event);
  }
  assertEquals(events.map(({ type }) => type), ["sweep", "sweep-end"]);
  assertEquals(events[1], { type: "sweep-end", reason: "interrupted" });
});

test("restart trains all anew", async (outputDir) => {
  const first = await all({ outputDir });
  const again = await all({ outputDir, restart: true });
  assertEquals(sources(again), ["plain trained", "SAM trained"]);
  assertEquals(rowsOf(again), rowsOf(first));
});

test("restarts at once share the runs", async (outputDir) => {
  await all({ outputDir });
  const both = await Promise.all([1, 2].map(() => all({ outputDir, restart: true })));
  const told = both.map((events) => sources(events).sort());
  assertEquals(told.map((sources) => sources.length), [2, 2]);
  assertEquals(told.flat().filter((source) => source.endsWith("trained")).sort(), [
    "SAM trained",
    "plain trained",
  ]);
  assertEquals(sources(await all({ outputDir, restart: true })), ["plain trained", "SAM trained"]);
});

test("a restart that was stopped is not taken for the next one", async (outputDir) => {
  const stop = new AbortController();
  for await (const event of sweep(experiment, { outputDir, restart: true, signal: stop.signal })) {
    if (event.type === "run") stop.abort();
  }
  assertEquals(sources(await all({ outputDir, restart: true })), ["plain trained", "SAM trained"]);
});

test("leaves the runs of other processes to them, and waits", async (outputDir) => {
  const folder = join(outputDir, runFolder(plain!.config));
  await Deno.mkdir(folder, { recursive: true });
  const lock = await lockFolder(folder);
  const events: SweepEvent[] = [];
  for await (const event of sweep(experiment, { outputDir })) {
    events.push(event);
    if (event.type === "wait") {
      assertEquals(event.runs.map(({ id }) => id), [plain!.id]);
      lock[Symbol.dispose]();
    }
  }
  assertEquals(sources(events), ["SAM trained", "plain trained"]);
  assertEquals(events.filter(({ type }) => type === "wait").length, 1);
});

test("takes what another process finished meanwhile, and does not train it", async (outputDir) => {
  const folder = join(outputDir, runFolder(plain!.config));
  await Deno.mkdir(folder, { recursive: true });
  const lock = await lockFolder(folder);
  const events: SweepEvent[] = [];
  const only = { variants: [experiment.variants![0]!] };
  for await (const event of sweep({ ...experiment, ...only }, { outputDir })) {
    events.push(event);
    if (event.type !== "wait") continue;
    lock[Symbol.dispose]();
    assertEquals(sources(await all({ outputDir }, only)), ["plain trained"]);
  }
  assertEquals(sources(events), ["plain folder"]);
  assert(!events.some(({ type }) => type === "train"));
});

test("records stand for runs, in six digits", async (outputDir) => {
  const rows = rowsOf(await all({ outputDir }));
  const records = join(outputDir, "records.jsonl");
  const finished = await finishedRuns(experiment, { outputDir });
  await writeRecords(records, finished);
  const other = join(outputDir, "other");
  const events = await all({ outputDir: other, records });
  assertEquals(sources(events), ["plain records", "SAM records"]);
  assertEquals(
    rowsOf(events),
    rows.map((row) => ({
      ...row,
      trainLoss: Number(row.trainLoss.toPrecision(6)),
      trainError: Number(row.trainError.toPrecision(6)),
      testLoss: Number(row.testLoss!.toPrecision(6)),
      testError: Number(row.testError!.toPrecision(6)),
    })),
  );
  const more = await all({ outputDir: other, records }, { seeds: [0, 1] });
  assertEquals(sources(more).toSorted(), [
    ...["SAM records", "SAM trained", "plain records", "plain trained"],
  ]);
  const anew = await all({ outputDir: join(outputDir, "anew"), records, restart: true });
  assertEquals(sources(anew), ["plain trained", "SAM trained"]);
});

test("rows of epochs without evaluation, and of more of them, survive records", async (outputDir) => {
  const more = { evaluateEvery: 2, evaluateTop5: true, emaDecay: 0.9, epochs: 3 };
  const base = { ...experiment.base, ...more };
  const trained = rowsOf(await all({ outputDir }, { base }));
  assertEquals(trained.map(({ testError }) => testError !== undefined), [
    ...[false, true, true],
    ...[false, true, true],
  ]);
  assertEquals(rowsOf(await all({ outputDir }, { base })), trained);
  const records = join(outputDir, "records.jsonl");
  await writeRecords(records, await finishedRuns({ ...experiment, base }, { outputDir }));
  const found = rowsOf(await all({ outputDir: join(outputDir, "other"), records }, { base }));
  assertEquals(
    found.map((row) => Object.keys(row).sort()),
    trained.map((row) => Object.keys(row).sort()),
  );
  for (const [index, row] of trained.entries()) {
    const names = ["testTop5Error", "lastTestLoss", "lastTestError", "testError"] as const;
    for (const name of names.filter((name) => row[name] !== undefined)) {
      assertEquals(found[index]![name], Number(row[name]!.toPrecision(6)));
    }
  }
});

test("which test images were right is recorded, which validation images is not", async (outputDir) => {
  const records = join(outputDir, "records.jsonl");
  for (const evaluateOn of ["test", "validation", "both"] as const) {
    const one = { ...experiment, base: { ...experiment.base, evaluateOn }, seeds: [0] };
    await all({ outputDir }, one);
    const finished = await finishedRuns(one, { outputDir });
    await writeRecords(records, finished);
    const [{ result }] = [...(await readRecords(records)).values()] as [FinishedRun];
    assertEquals(
      result.testRight,
      evaluateOn !== "validation" ? finished[0]!.result.testRight : undefined,
    );
    assertEquals(finished[0]!.result.testRight === undefined, false);
  }
});

test("records that are damaged are named", async (outputDir) => {
  const path = join(outputDir, "records.jsonl");
  await assertRejects(() => readRecords(path), Deno.errors.NotFound);
  const epochs = { trainLoss: [1], trainError: [0.5], testLoss: [1], testError: [0.5] };
  const result = { sha256: "", finished: "", machine: "", tensorflow: "" };
  const good = JSON.stringify({ config: { epochs: 1 }, result, epochs });
  const changed = (figures: object, testRight?: PackedBits) =>
    JSON.stringify({
      config: { epochs: 1, seed: 1 },
      result: { ...result, ...testRight && { testRight } },
      epochs: { ...epochs, ...figures },
    });
  const damaged: [string, string][] = [
    ["{", "it is not JSON"],
    ["{}", "config, result or epochs are missing"],
    [
      JSON.stringify({ config: { epochs: 2 }, result, epochs }),
      "trainLoss has 1 values for 2 epochs",
    ],
    ["null", "config, result or epochs are missing"],
    [changed({ testError: [40] }), "testError has the value 40"],
    [changed({ testLoss: ["1"] }), "testLoss has the value 1: losses are numbers"],
    [changed({}, packBits([true, true, true, false])), "by testRight 0.25 of the test images are"],
    [changed({}, { examples: 9, bits: "/w==" }), "testRight cannot be read: Cannot unpack 1 bytes"],
    [good, "line 1 is of the same run"],
  ];
  for (const [line, reason] of damaged) {
    // An empty line is none, but counts.
    await Deno.writeTextFile(path, `${good}\n\n${line}\n`);
    const message = `records.jsonl, line 3: ${reason}`;
    await assertRejects(() => readRecords(path), Deno.errors.InvalidData, message);
  }
  await Deno.writeTextFile(path, good.replace("[1]", "[null]"));
  const [run] = (await readRecords(path)).values();
  assertEquals(run!.rows.map(({ epoch, trainLoss }) => [epoch, trainLoss]), [[1, NaN]]);
});

test("a damaged result and a wrong setting are named", async (outputDir) => {
  const folder = join(outputDir, runFolder(plain!.config));
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(join(folder, "result.json"), "{");
  const events = await all({ outputDir });
  const [failed, ...others] = events.filter((event) => event.type === "failed");
  assertEquals([failed!.run.method, others.length], ["plain", 0]);
  assert(failed!.error instanceof Deno.errors.InvalidData);
  assert(failed!.error.message.includes("result.json: it is not JSON"), failed!.error.message);
  assertEquals(sources(events), ["SAM trained"]);
  const base = { ...tinyConfig, model: "lenet" };
  await assertRejects(() => all({ outputDir }, { base }), ConfigError, "lenet");
});
