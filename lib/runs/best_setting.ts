import { configOf, runId, type TrainConfig } from "../train/mod.ts";
import { type Experiment, settingsOf } from "./experiment.ts";
import type { FinishedRun } from "./records.ts";

/** What a search found. */
export interface BestSetting {
  /** Of the grid. */
  readonly setting: Partial<TrainConfig>;
  /** Mean over the seeds of its validation error after the last epoch, a fraction. */
  readonly validationError: number;
}

/**
 * The setting of an experiment's grid with the lowest validation error: the mean over the seeds, after the
 * last epoch. Of equal ones it is the first. What an experiment is to compare by the test set is chosen
 * so, for every method by a grid of equal size.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { runs } from "sam";
 *
 * const base = { evaluateOn: "validation", epochs: 1 } as const;
 * const search = { name: "search", base, grid: { samRho: [0.05, 0.1] }, seeds: [0] };
 * const result = { sha256: "", finished: "2026-01-01", machine: "", tensorflow: "2.21.0" };
 * const records = new Map(runs.runsOf(search).map(({ id, config }) => {
 *   const row = { ...config, method: "SAM", rho: config.samRho, epoch: 1, trainLoss: 1, trainError: 0.5 };
 *   return [id, { config, result, rows: [{ ...row, testError: config.samRho }] }];
 * }));
 * assertEquals(runs.bestSetting(search, records).setting, { samRho: 0.05 });
 * ```
 *
 * @param records finished runs by identity, as `readRecords` gives them
 * @throws RangeError for runs that are judged by the test set, by which nothing may be chosen, for
 *   variants, which are not settings of one method, and without seeds or settings
 * @throws Error for a run that is not among the records, and where no setting has an error that is a
 *   number
 */
export function bestSetting(
  { name, base, grid = {}, variants = [], seeds }: Experiment,
  records: ReadonlyMap<string, FinishedRun>,
): BestSetting {
  if (variants.length > 1) {
    throw new RangeError(
      `Cannot choose among ${variants.length} variants of ${name}: it is for one method`,
    );
  }
  const errorOf = (config: TrainConfig) => {
    if (config.evaluateOn !== "validation") {
      throw new RangeError(
        `Cannot choose a setting of ${name} by the test set: evaluate its runs on "validation"`,
      );
    }
    const error = records.get(runId(config))?.rows.at(-1)?.testError;
    if (error !== undefined) return error;
    throw new Error(`Cannot choose a setting of ${name}: its run ${runId(config)} is not recorded`);
  };
  const settings = settingsOf<TrainConfig>(grid);
  if (seeds.length === 0 || settings.length === 0) {
    throw new RangeError(`Cannot choose a setting of ${name}: it has no seeds or no settings`);
  }
  const found = settings.map((setting) => {
    const errors = seeds.map((seed) =>
      errorOf(configOf({ ...base, ...setting, ...variants[0]?.config, seed }))
    );
    const mean = errors.reduce((a, b) => a + b, 0) / errors.length;
    return { setting, validationError: Number.isNaN(mean) ? Infinity : mean };
  });
  const best = found.reduce((best, next) =>
    next.validationError < best.validationError ? next : best
  );
  if (best.validationError < Infinity) return best;
  throw new Error(`Cannot choose a setting of ${name}: with each of them a run diverged`);
}
