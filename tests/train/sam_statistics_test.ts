import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { join } from "node:path";
import { readMetrics, runFolder, train } from "../../lib/train/mod.ts";
import { tinyConfig, withFolder } from "./_runs.ts";

Deno.test("--sam-statistics: each epoch's row and TensorBoard's scalars have them, others have not", () =>
  withFolder(async (outputDir) => {
    const base = { ...tinyConfig, epochs: 2 };
    const rowsOf = async (config: typeof base) => {
      for await (const _event of train(config, { outputDir })) { /* to its end */ }
      return await readMetrics(join(outputDir, runFolder(config), "metrics.jsonl"));
    };
    const asked = { ...base, samStatistics: true };
    const rows = await rowsOf(asked) as unknown as Record<string, number>[];
    assertEquals(rows.length, 2);
    for (const row of rows) {
      assertAlmostEquals(row.trainSamPerturbedLoss!, row.trainLoss!, 1e-6);
      const gap = row.trainSamPerturbedLoss! - row.trainSamCleanLoss!;
      assertAlmostEquals(row.trainSamLossGap!, gap, 1e-5);
      assertAlmostEquals(row.trainSamPerturbationNorm!, base.samRho, 1e-6);
      assert(row.trainSamLossGap! > 0 && row.trainSamGradientCosine! <= 1, JSON.stringify(row));
      assert(row.trainSamCleanGradientNorm! > 0 && row.trainSamPerturbedGradientNorm! > 0);
    }
    const folder = join(outputDir, runFolder(asked));
    const events = [...Deno.readDirSync(folder)].find(({ name }) => name.startsWith("events."))!;
    const text = new TextDecoder().decode(await Deno.readFile(join(folder, events.name)));
    for (
      const tag of ["train_sam_loss_gap", "train_sam_gradient_cosine", "ms_per_step", "_hparams_"]
    ) {
      assert(text.includes(tag), tag);
    }
    const plain = await rowsOf(base) as unknown as Record<string, number>[];
    assertEquals(Object.keys(plain[0]!).filter((name) => name.includes("Sam")), []);
    assertEquals(plain[1]!.trainLoss, rows[1]!.trainLoss);
    const sgd = await rowsOf({ ...asked, samRho: 0 }) as unknown as Record<string, number>[];
    assertEquals(Object.keys(sgd[0]!).filter((name) => name.includes("Sam")), []);
  }));
