/** Runs in the folders in which earlier versions kept them. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { dirname, join } from "node:path";
import { runFolder, train, type TrainConfig } from "../../lib/train/mod.ts";
import { sweep } from "../../lib/runs/mod.ts";
import { ofType, readUntil, sha256Of, tinyConfig, withFolder } from "./_runs.ts";

const run = (outputDir: string, restart = false) =>
  Array.fromAsync(train(tinyConfig, { outputDir, restart }));

/** Trains for two steps, and puts the run where an earlier version had it, as it spelt it. */
async function trainBefore(outputDir: string, former: string, config = tinyConfig): Promise<void> {
  await readUntil(
    (signal) => train(config, { outputDir, signal }),
    (event) => event.type === "step" && event.step === 2,
  );
  await Deno.mkdir(dirname(former), { recursive: true });
  await Deno.rename(join(outputDir, runFolder(config)), former);
  const path = join(former, "config.json");
  const spelt = { ...config, m: 0, emaDecay: 0, saveProgressSeconds: 0 };
  const { additionalCheckpointsAtEpochs: _, ...entries } = spelt;
  await Deno.writeTextFile(path, JSON.stringify(entries));
}

/** Folders of `train` and of `sweep`. */
const FORMER = [
  "lr_0.1/wd_0.0005/rho_0.05/seed_0",
  "sam-rho_0.05-seed_0-0123456789ab",
].map((path) => `synthetic/${tinyConfig.model}/${path}`);

for (const path of FORMER) {
  Deno.test(`former layout: the run in ${path} is refused with what to do, and then goes on`, () =>
    withFolder(async (outputDir) => {
      const former = join(outputDir, path);
      await trainBefore(outputDir, former);
      const folder = join(outputDir, runFolder(tinyConfig));
      const error = await assertRejects(() => run(outputDir), Error, "Cannot train in ");
      const command = `mkdir -p "${dirname(folder)}" && mv "${former}" "${folder}"`;
      assert(error.message.includes(`the same run is in ${former}`), error.message);
      assert(error.message.includes(`: ${command};`), error.message);
      const experiment = { name: "former", base: tinyConfig, seeds: [0] };
      const told = await Array.fromAsync(sweep(experiment, { outputDir }));
      assertEquals(told.map(({ type }) => type), ["sweep", "failed", "sweep-end"]);

      const { success } = await new Deno.Command("sh", { args: ["-c", command] }).output();
      assert(success);
      const events = await run(outputDir);
      assertEquals(ofType(events, "start")[0]!.resumedFrom?.epoch, 0);
      assertEquals(sha256Of(events), sha256Of(await run(join(outputDir, "whole"))));
    }));
}

Deno.test("former layout: another run's folder is in nobody's way, nor is it at a restart", () =>
  withFolder(async (outputDir) => {
    const other: TrainConfig = { ...tinyConfig, momentum: 0.5 };
    await trainBefore(outputDir, join(outputDir, FORMER[0]!), other);
    assertEquals(ofType(await run(outputDir), "end")[0]!.reason, "finished");
    await trainBefore(join(outputDir, "same"), join(outputDir, "same", FORMER[1]!));
    const events = await run(join(outputDir, "same"), true);
    assertEquals(ofType(events, "end")[0]!.reason, "finished");
  }));
