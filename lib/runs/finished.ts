import { join } from "node:path";
import { readMetrics } from "../train/mod.ts";
import { type Experiment, runsOf } from "./experiment.ts";
import { runPath } from "./identity.ts";
import type { FinishedRun } from "./records.ts";
import { readResult } from "./result.ts";

/**
 * The runs of an experiment that are finished in their folders: what `writeRecords` takes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { runs } from "sam";
 *
 * const experiment = { name: "none yet", base: {}, seeds: [0] };
 * assertEquals(await runs.finishedRuns(experiment, { outputDir: "no/such/folder" }), []);
 * ```
 */
export async function finishedRuns(
  experiment: Experiment,
  { outputDir = "runs" }: { readonly outputDir?: string } = {},
): Promise<FinishedRun[]> {
  const found: FinishedRun[] = [];
  for (const { config } of runsOf(experiment)) {
    const folder = join(outputDir, runPath(config));
    const result = await readResult(folder);
    if (result) {
      found.push({ config, result, rows: await readMetrics(join(folder, "metrics.jsonl")) });
    }
  }
  return found;
}
