import { join } from "node:path";
import { readFinished, runFolder } from "../train/mod.ts";
import { type Experiment, runsOf } from "./experiment.ts";
import type { FinishedRun } from "./records.ts";

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
    const finished = await readFinished(join(outputDir, runFolder(config)));
    if (finished) found.push({ config, ...finished });
  }
  return found;
}
