import { configOf, methodOf, runId, type TrainConfig } from "../train/mod.ts";
import { plan } from "./_plan.ts";
import { checkExperiment } from "./check_experiment.ts";

/** Values to try for entries of the configuration: every combination is a setting. */
export type Grid = {
  readonly [Name in Exclude<keyof TrainConfig, "seed">]?: readonly NonNullable<TrainConfig[Name]>[];
};

/** One of the methods that an experiment compares. */
export interface Variant {
  /** Its name in legends; default "SGD" or "SAM", by ρ. */
  readonly method?: string;
  /** What it sets. */
  readonly config: Partial<TrainConfig>;
}

/** What is trained to answer a question: variants × grid × seeds. */
export interface Experiment {
  /** For folders and messages. */
  readonly name: string;
  /** What all runs have in common; the rest are the defaults of `train`. */
  readonly base: Partial<TrainConfig>;
  readonly grid?: Grid;
  /** Default: a single one that changes nothing. */
  readonly variants?: readonly Variant[];
  readonly seeds: readonly number[];
}

/** One run of an experiment. */
export interface PlannedRun {
  readonly id: string;
  readonly config: TrainConfig;
  /** Its name in legends. */
  readonly method: string;
}

/**
 * The runs of an experiment, those of the first seed first, so that a sweep that is stopped early
 * has whole comparisons. A setting that comes up twice is one run, of one method.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { runs } from "sam";
 *
 * const planned = runs.runsOf({
 *   name: "rho",
 *   base: { dataset: "synthetic_16", epochs: 12 },
 *   grid: { samRho: [0, 0.05] },
 *   seeds: [0, 1, 2],
 * });
 * assertEquals(planned.length, 6);
 * assertEquals(planned[0]!.method, "SGD");
 * ```
 *
 * @throws TypeError for what is not an experiment
 * @throws RangeError for an experiment without runs, and for two methods that are one configuration
 * @throws ConfigError for entries, names and values that do not exist or cannot work together
 */
export function runsOf(experiment: Experiment): PlannedRun[] {
  checkExperiment(experiment);
  const { name, base, grid = {}, variants, seeds } = experiment;
  const settings = settingsOf(grid);
  const runs = new Map<string, PlannedRun>();
  for (const seed of seeds) {
    for (const setting of settings) {
      for (const variant of variants ?? [{ config: {} }]) {
        const config = configOf({ ...base, ...setting, ...variant.config, seed });
        const method = variant.method ?? methodOf(config);
        plan(runs, { id: runId(config), config, method }, name);
      }
    }
  }
  if (runs.size > 0) return Array.from(runs.values());
  const empty = seeds.length === 0 ? "seeds" : "values in its grid or variants";
  throw new RangeError(`Cannot run the experiment ${name}: it has no ${empty}`);
}

/** Every combination of a grid's values, the last name varying fastest. */
export function settingsOf<C = TrainConfig>(
  grid: { readonly [name: string]: readonly unknown[] | undefined },
): Partial<C>[] {
  let settings: Record<string, unknown>[] = [{}];
  for (const [name, values = []] of Object.entries(grid)) {
    settings = settings.flatMap((setting) =>
      values.map((value) => ({ ...setting, [name]: value }))
    );
  }
  return settings as Partial<C>[];
}
