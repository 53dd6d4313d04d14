import { join } from "node:path";
import { latestFiniteCheckpoint } from "./checkpoint.ts";
import { DivergedError } from "./divergence.ts";
import { type EpochRow, METRICS_FILE, readMetricsIfThere, type TaskRow } from "../metrics/mod.ts";
import { readResult, type RunResult } from "./result.ts";

/**
 * What a finished run left in its folder; undefined if it is not finished.
 *
 * ```ts
 * import { train } from "sam";
 *
 * const folder = `runs/${train.runFolder(train.configOf({ samRho: 0.1, seed: 12 }))}`;
 * const finished = await train.readFinished(folder); // undefined: nothing is there
 * console.log(finished?.rows.at(-1)?.testError);
 * ```
 *
 * @throws Deno.errors.NotFound if its metrics are missing
 * @throws Deno.errors.InvalidData if they or its result are damaged
 */
export async function readFinished<Row extends TaskRow = EpochRow>(
  folder: string,
): Promise<{ readonly result: RunResult; readonly rows: readonly Row[] } | undefined> {
  const result = await readResult(folder);
  if (result === undefined) return undefined;
  const path = join(folder, METRICS_FILE);
  const rows = await readMetricsIfThere<Row>(path);
  if (rows !== undefined) return { result, rows };
  throw new Deno.errors.NotFound(
    `Cannot read ${path}: there is no such file, though the run is finished. Remove its folder, and it ` +
      "is trained anew",
  );
}

/**
 * Refuses a finished run that was trained on with a loss that is not finite, where its configuration
 * does not ask for that.
 *
 * ```ts
 * import { train } from "sam";
 *
 * const rows = [1, NaN].map((trainLoss, index) => ({
 *   ...{ dataset: "own", model: "own", method: "SGD", rho: 0, labelNoise: 0, seed: 0 },
 *   ...{ epoch: index + 1, trainLoss },
 * }));
 * await train.requireFinite(rows.slice(0, 1), "runs/own", {});
 * await train.requireFinite(rows, "runs/own", { onNan: "continue" });
 * ```
 *
 * @throws DivergedError
 */
export async function requireFinite(
  rows: readonly TaskRow[],
  folder: string,
  { onNan }: { readonly onNan?: "stop" | "continue" | undefined },
): Promise<void> {
  const last = rows.at(-1);
  if (onNan === "continue" || last === undefined || Number.isFinite(last.trainLoss)) return;
  const first = rows.find(({ trainLoss }) => !Number.isFinite(trainLoss))!;
  const { step = NaN } = last as TaskRow & { readonly step?: number };
  throw new DivergedError(
    `Cannot count the run in ${folder} as finished: its loss is ${first.trainLoss} since epoch ` +
      `${first.epoch}, and it was trained further all the same. Ask for that again (onNan: continue), ` +
      "or restart",
    step,
    await latestFiniteCheckpoint(folder),
  );
}
