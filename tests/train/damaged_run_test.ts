/** Runs whose folders hold what no run leaves there. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DivergedError, train, type TrainConfig } from "../../lib/train/mod.ts";
import { withoutLeaks } from "../_tensors.ts";
import { cli, ofType, readUntil, tinyConfig, withFolder } from "./_runs.ts";

const runIn = (folder: string, changes: Partial<TrainConfig> = {}) =>
  Array.fromAsync(train({ ...tinyConfig, ...changes }, { folder }));

/** Leaves a run in the middle of its second epoch. */
const stop = (folder: string) =>
  readUntil(
    (signal) => train(tinyConfig, { folder, signal }),
    (event) => event.type === "step" && event.step === 5,
  );

function test(name: string, body: (folder: string) => Promise<void>): void {
  Deno.test(`damaged run: ${name}`, () => withoutLeaks(() => withFolder(body)));
}

test("folders in the place of files that are written are named", async (out) => {
  for (const name of ["config.json.tmp", "metrics.jsonl.tmp", "lock.json", "result.json.tmp"]) {
    const folder = join(out, name);
    if (name === "metrics.jsonl.tmp") {
      await stop(folder);
      // A torn line has to be taken out.
      await Deno.writeTextFile(join(folder, "metrics.jsonl"), "{", { append: true });
    }
    await Deno.mkdir(join(folder, name, "full"), { recursive: true });
    const error = await assertRejects(() => runIn(folder), Error, "Cannot write ");
    const expected = `${join(folder, name)} is a folder: remove it. Once this is fixed, the same `;
    assert(error.message.includes(expected), error.message);
    await Deno.remove(join(folder, name), { recursive: true });
    assertEquals(ofType(await runIn(folder), "end")[0]!.reason, "finished");
  }
});

test("what is no file in the place of one that is read is named, and waits for nobody", async (out) => {
  await stop(out);
  for (const name of ["metrics.jsonl", "config.json"]) {
    const path = join(out, name);
    const text = await Deno.readTextFile(path);
    await Deno.remove(path);
    await new Deno.Command("mkfifo", { args: [path] }).output();
    await assertRejects(
      () => runIn(out),
      Error,
      `Cannot read ${path}: it is not a file. Remove it`,
    );
    await Deno.remove(path);
    await Deno.mkdir(path);
    await assertRejects(() => runIn(out), Error, `Cannot read ${path}: it is a folder. Remove it`);
    await Deno.remove(path);
    await Deno.writeTextFile(path, text);
  }
  assertEquals(ofType(await runIn(out), "end")[0]!.reason, "finished");
});

test("a line of the metrics that is damaged cannot be read, and nothing is changed", async (out) => {
  await stop(out);
  const path = join(out, "metrics.jsonl");
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, `{"epoch": \n${text}`);
  const message = `Cannot read ${path}, line 1: it is not JSON`;
  await assertRejects(() => runIn(out), Deno.errors.InvalidData, message);
  assertEquals(await Deno.readTextFile(path), `{"epoch": \n${text}`);
});

test("rows of epochs that are done and gone are missed, whether it goes on or is finished", async (out) => {
  await stop(out);
  const path = join(out, "metrics.jsonl");
  for (const epochs of [1, 3]) {
    await Deno.remove(path);
    const warnings = ofType(await runIn(out), "warning").map(({ message }) => message);
    const expected = `${path} lacks ${epochs} of the ${epochs} epochs that are done: `;
    assert(warnings.some((message) => message.startsWith(expected)), warnings.join());
    // Of the epochs before, there are none then.
    await Deno.writeTextFile(path, "");
  }
});

test("a run that takes over another's start takes nothing of it", async (out) => {
  const noisy = { ...tinyConfig, labelNoise: 0.4 };
  for await (const event of train(noisy, { folder: out })) {
    if (event.type === "step") break; // left without saving
  }
  assert(existsSync(join(out, "train_labels.safetensors")));
  await runIn(out);
  const names = (await Array.fromAsync(Deno.readDir(out))).map(({ name }) => name);
  assertEquals(names.includes("train_labels.safetensors"), false);
  assertEquals(names.filter((name) => name.startsWith("events.out")).length, 1);
});

test("finished with a loss that is not finite, it is finished only for who asks for that", async (out) => {
  const wild = { learningRate: 1e30, gradientClipping: "none", epochs: 2 } as const;
  await runIn(out, { ...wild, onNan: "continue" });
  const again = await runIn(out, { ...wild, onNan: "continue" });
  assertEquals(ofType(again, "end")[0]!.reason, "finished");
  const error = await assertRejects(() => runIn(out, wild), DivergedError);
  assert(error.message.startsWith(`Cannot count the run in ${out} as finished: its loss is NaN `));
  assertEquals(error.checkpoint, undefined);
});

Deno.test("damaged run: a finished one that diverged has exit code 3 in a process", () =>
  withFolder(async (out) => {
    const args = [
      ...["train", "--model=wide_resnet_10_1", "--train-count=40", "--test-count=10", "--epochs=1"],
      ...["--batch-size=20", "--learning-rate=1e30", "--gradient_clipping=0", "--output-dir", out],
    ];
    const codes: (number | null)[] = [];
    for (const flag of ["--on-nan=continue", "--on-nan=stop", "--on-nan=continue"]) {
      await using child = cli([...args, flag]);
      const { code, stderr } = await child.ended;
      codes.push(code);
      if (code === 3) assert(/\nerror: Cannot count the run in .* as finished: /.test(stderr));
    }
    assertEquals(codes, [0, 3, 0]);
  }));
