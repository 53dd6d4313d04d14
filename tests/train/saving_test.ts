/** Which checkpoints a run leaves, and that it goes on from each. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import {
  buildTask,
  ConfigError,
  fit,
  latestCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
  type TrainConfig,
  type TrainEvent,
} from "../../lib/train/mod.ts";
import { SaveSchedule } from "../../lib/train/_save_schedule.ts";
import { withoutLeaks } from "../_tensors.ts";
import { withClock } from "../_wait.ts";
import { ofType, readUntil, sha256Of, tinyConfig, withFolder } from "./_runs.ts";

const task = (changes: Partial<TrainConfig> = {}) => buildTask({ ...tinyConfig, ...changes });

function test(name: string, body: (folder: string) => Promise<void>): void {
  Deno.test(`saving: ${name}`, () => withoutLeaks(() => withFolder(body)));
}

const namesIn = async (folder: string) =>
  (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();

/** What of an epoch's event does not depend on the clock. */
const timeless = (events: readonly TrainEvent[]) =>
  ofType(events, "epoch").map((
    { seconds: _, imagesPerSecond: __, millisecondsPerStep: ___, ...rest },
  ) => rest);

test("every n seconds, in the middle of an epoch too, and in the end", async (folder) => {
  const built = await task({ saveProgressSeconds: 1e-9 });
  const events = await Array.fromAsync(fit(built, { folder }));
  // The last step of an epoch waits for its evaluation.
  const epoch = ["step", "checkpoint", "step", "checkpoint", "step", "epoch", "checkpoint"];
  assertEquals(events.map(({ type }) => type), ["start", ...epoch, ...epoch, ...epoch, "end"]);
  assertEquals(ofType(events, "checkpoint").map(({ epoch }) => epoch), [0, 0, 1, 1, 1, 2, 2, 2, 3]);
  assertEquals(await namesIn(folder), ["checkpoint_2.safetensors", "checkpoint_3.safetensors"]);
  assertEquals(sha256Of(events), sha256Of(await Array.fromAsync(fit(await task()))));
});

test("seldom, where the run is shorter: at its end alone", async (folder) => {
  const events = await Array.fromAsync(fit(await task({ saveProgressSeconds: 1e6 }), { folder }));
  assertEquals(ofType(events, "checkpoint").map(({ epoch }) => epoch), [3]);
  assertEquals(await namesIn(folder), ["checkpoint_3.safetensors"]);
});

test("seldom, and interrupted: where it was", async (folder) => {
  const built = await task({ saveProgressSeconds: 1e6 });
  const events = await readUntil(
    (signal) => fit(built, { folder, signal }),
    (event) => event.type === "step" && event.step === 5,
  );
  assertEquals(ofType(events, "checkpoint").map(({ epoch }) => epoch), [1]);
  assertEquals((await latestCheckpoint(folder))!.step, 5);
});

test("a run that dies goes on from the middle of an epoch, bit for bit", async (folder) => {
  const changes = { saveProgressSeconds: 1e-9, emaDecay: 0.9 };
  const whole = await Array.fromAsync(fit(await task(changes)));
  const parts: TrainEvent[] = [];
  for (const last of [1, 2, 4, 5]) {
    for await (const event of fit(await task(changes), { folder })) {
      parts.push(event);
      // As if it were killed: the reader leaves once the step's checkpoint is on the disk.
      if (event.type === "checkpoint" && ofType(parts, "step").at(-1)!.step === last) break;
    }
  }
  const rest = await Array.fromAsync(fit(await task(changes), { folder }));
  parts.push(...rest);
  assertEquals(ofType(rest, "step")[0]!.step, 6);
  assertEquals(timeless(parts), timeless(whole));
  assertEquals(sha256Of(rest), sha256Of(whole));
});

test("checkpoints at given epochs are kept, and are what the run was then", async (folder) => {
  const built = await task({ additionalCheckpointsAtEpochs: [0, 1, 2] });
  const then: Record<number, unknown> = {};
  for await (const event of fit(built, { folder })) {
    if (event.type !== "checkpoint") continue;
    const { arrays, step, metadata } = await loadCheckpoint(event.path);
    const kept = event.path.includes("additional_");
    if (kept && event.epoch > 0) assertEquals({ arrays, step, metadata }, then[event.epoch]);
    if (!kept) then[event.epoch] = { arrays, step, metadata };
  }
  assertEquals(await namesIn(folder), [
    ...[0, 1, 2].map((epoch) => `additional_checkpoint_${epoch}.safetensors`),
    ...[2, 3].map((epoch) => `checkpoint_${epoch}.safetensors`),
  ]);
  const { step, epoch, arrays } = await loadCheckpoint(
    join(folder, "additional_checkpoint_0.safetensors"),
  );
  assertEquals([step, epoch], [0, 0]);
  assert(arrays["params/init_conv/kernel"]!.data.some((value) => value !== 0));
});

test("one that is kept is not written anew in the middle of its epoch", async (folder) => {
  const changes = { additionalCheckpointsAtEpochs: [1] };
  const built = await task(changes);
  await readUntil(
    (signal) => fit(built, { folder, signal }),
    (event) => event.type === "step" && event.step === 4,
  );
  const events = await Array.fromAsync(fit(await task(changes), { folder }));
  assertEquals(ofType(events, "step")[0]!.step, 5);
  const kept = await loadCheckpoint(join(folder, "additional_checkpoint_1.safetensors"));
  assertEquals(kept.step, 3);
});

test("what a killed process left of one that is kept is removed", async (folder) => {
  const left = ["checkpoint_9", "additional_checkpoint_9"];
  for (const name of left) await Deno.writeTextFile(join(folder, `${name}.safetensors.tmp`), "");
  await Array.fromAsync(fit(await task({ epochs: 1 }), { folder }));
  assertEquals(await namesIn(folder), ["checkpoint_1.safetensors"]);
});

test("no more often than that", async (folder) => {
  const n = 0.3;
  const built = await task({ trainCount: 600, saveProgressSeconds: n });
  const events = await Array.fromAsync(fit(built, { folder }));
  const saved = ofType(events, "checkpoint").length;
  const { step, seconds } = ofType(events, "end")[0]!;
  // But for the last one.
  assert((saved - 1) * n <= seconds, `${saved} checkpoints of ${step} steps in ${seconds} s`);
});

test("a folder of checkpoints is one to begin with: the newest, not those kept", async (folder) => {
  const kept = { additionalCheckpointsAtEpochs: [2] };
  await Array.fromAsync(fit(await task(kept), { folder }));
  const begun = (initFrom: string) =>
    task({ initFrom, epochs: 1 }).then((task) => Array.fromAsync(fit(task))).then(sha256Of);
  const newest = await begun(join(folder, "checkpoint_3.safetensors"));
  assertEquals(await begun(folder), newest);
  assert(await begun(join(folder, "additional_checkpoint_2.safetensors")) !== newest);
});

test("a checkpoint of an epoch's end needs no sums, one in its middle does", async (folder) => {
  const whole = await Array.fromAsync(fit(await task()));
  const stopAt = async (last: (event: TrainEvent) => boolean) => {
    const built = await task();
    await readUntil((signal) => fit(built, { folder, signal }), last);
    const { metadata, ...contents } = (await latestCheckpoint(folder))!;
    const { stepInEpoch, ...others } = metadata;
    const { stepsPerEpoch: _, trainExamples: __, testExamples: ___, seed: ____, ...sums } = others;
    await saveCheckpoint(folder, {
      ...contents,
      metadata: { stepInEpoch: stepInEpoch!, ...sums },
    });
    return Object.keys(sums).filter((name) => !name.startsWith("last")).sort();
  };
  assertEquals(await stopAt((event) => event.type === "epoch"), []);
  assertEquals(sha256Of(await Array.fromAsync(fit(await task(), { folder }))), sha256Of(whole));
  for (const name of await namesIn(folder)) await Deno.remove(join(folder, name));
  const measured = await stopAt((event) => event.type === "step" && event.step === 2);
  assertEquals(measured, ["error", "gradientNorm", "loss", "parameterNorm"]);
  await assertRejects(
    async () => Array.fromAsync(fit(await task(), { folder })),
    RangeError,
    "as an older version wrote it; go on with that one, or restart",
  );
});

for (const stopped of [2, 3, 4]) {
  test(`data that became fewer or more after step ${stopped} are refused, with both numbers`, async (folder) => {
    const whole = await task();
    await readUntil(
      (signal) => fit(whole, { folder, signal }),
      (event) => event.type === "step" && event.step === stopped,
    );
    const before = await Deno.readFile((await latestCheckpoint(folder))!.path);
    const changes: [Partial<TrainConfig>, string][] = [
      [{ trainCount: 50 }, "it was trained with 70 training examples, and there are 50; bring"],
      [{ trainCount: 90 }, "it was trained with 70 training examples, and there are 90"],
      [{ batchSize: 30 }, "it was trained with 3 steps in an epoch, and there are 2"],
      [{ testCount: 10 }, "it was trained with 30 test examples, and there are 10"],
    ];
    for (const [change, message] of changes) {
      await assertRejects(
        async () => Array.fromAsync(fit(await task(change), { folder })),
        RangeError,
        message,
      );
    }
    assertEquals(await Deno.readFile((await latestCheckpoint(folder))!.path), before);
  });
}

test("an epoch's figures are means over its steps, those before a resume too", async (folder) => {
  const built = await task();
  const first = await readUntil(
    (signal) => fit(built, { folder, signal }),
    (event) => event.type === "step" && event.step === 2,
  );
  const events = [...first, ...await Array.fromAsync(fit(await task(), { folder }))];
  const losses = events.flatMap((event) =>
    event.type === "step" && event.epoch === 1 ? [event.loss] : []
  );
  const { row } = events.find((event) => event.type === "epoch")!;
  assert(losses.length > 2, `${losses.length} steps`);
  const mean = losses.reduce((sum, loss) => sum + loss) / losses.length;
  assert(Math.abs(row.trainLoss - mean) < 1e-9 * mean, `${row.trainLoss}, not ${mean}`);
});

test("data that end before an epoch does are an error, not an epoch without end", async (folder) => {
  const built = await task({ saveProgressSeconds: 1e-9 });
  const { size } = built.training;
  const two = built.training.take(2);
  const fewer = {
    size,
    skip: (steps: number) => two.skip(steps),
    epoch: (seed?: number) => two.epoch(seed),
  } as typeof two;
  for (const _ of ["at first", "resumed"]) {
    await assertRejects(
      () => Array.fromAsync(fit({ ...built, training: fewer }, { folder })),
      Error,
      "Cannot finish epoch 1: the data ended after step 2 of 3",
    );
  }
  const whole = await Array.fromAsync(fit(await task()));
  assertEquals(sha256Of(await Array.fromAsync(fit(built, { folder }))), sha256Of(whole));
});

test("a checkpoint that does not say how much data it is of goes on at an epoch's beginning only", async (folder) => {
  for (const step of [3, 5]) {
    const built = await task();
    await readUntil(
      (signal) => fit(built, { folder, signal }),
      (event) => event.type === (step === 3 ? "epoch" : "step") && event.step === step,
    );
    const { metadata, ...contents } = (await latestCheckpoint(folder))!;
    assertEquals(contents.step, step);
    const { trainExamples: _, testExamples: __, stepsPerEpoch: ___, ...older } = metadata;
    await saveCheckpoint(folder, { ...contents, metadata: older });
  }
  await assertRejects(
    async () => Array.fromAsync(fit(await task(), { folder })),
    RangeError,
    "does not say how many steps that has, as an older version wrote it",
  );
});

test("interrupted in an evaluation it saves at once, and evaluates when it goes on", async (folder) => {
  const changes = { epochs: 2, testCount: 200 };
  const whole = await Array.fromAsync(fit(await task(changes)));
  const stop = new AbortController();
  const built = await task(changes);
  let batches = 0;
  const evaluation = {
    async *epoch() {
      for await (const batch of built.evaluation.epoch()) {
        if (++batches === 2) stop.abort();
        yield batch;
      }
    },
  } as typeof built.evaluation;
  const events = await Array.fromAsync(
    fit({ ...built, evaluation }, { folder, signal: stop.signal }),
  );
  assertEquals(batches, 2);
  assertEquals(events.slice(-3).map(({ type }) => type), ["step", "checkpoint", "end"]);
  const rest = await Array.fromAsync(fit(await task(changes), { folder }));
  assertEquals(rest[1]!.type, "epoch");
  assertEquals(timeless(rest), timeless(whole));
  assertEquals(sha256Of(rest), sha256Of(whole));
});

Deno.test("saving: impossible times and epochs are errors of the configuration", async () => {
  const wrong: [Partial<TrainConfig>, string][] = [
    [{ saveProgressSeconds: -1 }, "Cannot use saveProgressSeconds -1: it must be a number > 0"],
    [{ saveProgressSeconds: NaN }, "Cannot use saveProgressSeconds NaN"],
    [{ additionalCheckpointsAtEpochs: [1, 3] }, "Cannot keep a checkpoint after 3 epochs: it must"],
    [{ additionalCheckpointsAtEpochs: [-1] }, "each an integer >= 0"],
    [{ additionalCheckpointsAtEpochs: [0.5] }, "each an integer >= 0"],
  ];
  for (const [changes, message] of wrong) {
    const error = await assertRejects(() => task(changes), ConfigError, message);
    assertEquals([error.key], Object.keys(changes));
  }
});

Deno.test("saving: due once the seconds have passed since the last time", async () => {
  await withClock((move) => {
    const each = new SaveSchedule(0);
    assertEquals([each.isDue, each.isDueAtEpochEnd], [false, true]);
    const schedule = new SaveSchedule(20);
    move(19);
    assertEquals([schedule.isDue, schedule.isDueAtEpochEnd], [false, false]);
    move(1);
    assertEquals([schedule.isDue, schedule.isDueAtEpochEnd], [true, true]);
    schedule.saved();
    assertEquals(schedule.isDue, false);
    return Promise.resolve();
  });
});
