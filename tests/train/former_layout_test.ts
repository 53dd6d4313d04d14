/** Runs in the folders in which earlier versions kept them. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { dirname, join } from "node:path";
import { fromStored, runFolder, train, type TrainConfig } from "../../lib/train/mod.ts";
import { sweep } from "../../lib/runs/mod.ts";
import { ofType, readUntil, sha256Of, withFolder } from "./_runs.ts";

/**
 * What commit f255dc5 left of a run of two epochs that was stopped after its fourth step of six, but for
 * the checkpoint, whose names and metadata are the same.
 */
const LEFT = new URL("../goldens/former_run/", import.meta.url);
const formerConfig = await Deno.readTextFile(new URL("config.json", LEFT));
const formerMetrics = await Deno.readTextFile(new URL("metrics.jsonl", LEFT));
const config = fromStored(JSON.parse(formerConfig));

const run = (outputDir: string, restart = false) =>
  Array.fromAsync(train(config, { outputDir, restart }));

/** Trains for four steps, and puts the run where an earlier version had it, as that one wrote it. */
async function trainBefore(
  outputDir: string,
  former: string,
  changes: Partial<TrainConfig> = {},
): Promise<void> {
  const changed = { ...config, ...changes };
  await readUntil(
    (signal) => train(changed, { outputDir, signal }),
    (event) => event.type === "step" && event.step === 4,
  );
  await Deno.mkdir(dirname(former), { recursive: true });
  await Deno.rename(join(outputDir, runFolder(changed)), former);
  const entries = JSON.stringify({ ...JSON.parse(formerConfig), ...changes }, undefined, 2) + "\n";
  await Deno.writeTextFile(join(former, "config.json"), entries);
  await Deno.writeTextFile(join(former, "metrics.jsonl"), formerMetrics);
}

/** Folders of `train` and of `sweep`, as that commit named them. */
const FORMER = [
  "noise_0.2/lr_0.1/wd_0.0005/rho_0.05/seed_0",
  "sam-rho_0.05-noise_0.2-seed_0-24173ee4314c",
].map((path) => `synthetic_16/wide_resnet_10_1/${path}`);

for (const path of FORMER) {
  Deno.test(`former layout: the run in ${path} is refused with what to do, and then goes on`, () =>
    withFolder(async (outputDir) => {
      const former = join(outputDir, path);
      await trainBefore(outputDir, former);
      const folder = join(outputDir, runFolder(config));
      const error = await assertRejects(() => run(outputDir), Error, "Cannot train in ");
      const command = `mkdir -p "${dirname(folder)}" && mv "${former}" "${folder}"`;
      assert(error.message.includes(`the same run is in ${former}`), error.message);
      assert(error.message.includes(`: ${command};`), error.message);
      const experiment = { name: "former", base: config, seeds: [0] };
      const told = await Array.fromAsync(sweep(experiment, { outputDir }));
      assertEquals(told.map(({ type }) => type), ["sweep", "failed", "sweep-end"]);

      const { success } = await new Deno.Command("sh", { args: ["-c", command] }).output();
      assert(success);
      const events = await run(outputDir);
      assertEquals(ofType(events, "start")[0]!.resumedFrom?.epoch, 1);
      assertEquals(sha256Of(events), sha256Of(await run(join(outputDir, "whole"))));
      const rows = (await Deno.readTextFile(join(folder, "metrics.jsonl"))).split("\n");
      assertEquals([`${rows[0]}\n`, rows.length], [formerMetrics, 3]);
      const swept = await Array.fromAsync(sweep(experiment, { outputDir }));
      assertEquals(swept.map(({ type }) => type), ["sweep", "run", "sweep-end"]);
    }));
}

Deno.test("former layout: another run's folder is in nobody's way, nor is it at a restart", () =>
  withFolder(async (outputDir) => {
    await trainBefore(outputDir, join(outputDir, FORMER[0]!), { momentum: 0.5 });
    assertEquals(ofType(await run(outputDir), "end")[0]!.reason, "finished");
    await trainBefore(join(outputDir, "same"), join(outputDir, "same", FORMER[1]!));
    const events = await run(join(outputDir, "same"), true);
    assertEquals(ofType(events, "end")[0]!.reason, "finished");
  }));
