/** What a command line makes of experiments. @module */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Experiment, runsOf } from "../runs/mod.ts";
import { configEntries, type TrainConfig } from "../train/mod.ts";
import { UsageError } from "./_flags.ts";
import { type ParsedGrid, parseGrid } from "./_grid.ts";
import { fromReference } from "./_reference_flags.ts";
import { entriesOf, nameOf } from "./_train_flags.ts";

/** What stands on the command line besides how the sweep goes. */
export interface Wanted {
  /** Of an experiment, or several. */
  readonly file: string | undefined;
  /** A part of the names of those that are wanted. */
  readonly only?: string | undefined;
  readonly grid: readonly string[];
  readonly seeds: readonly number[];
  /** Flags of the configuration. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * The experiments of a file, or one of the flags alone, with all that the flags change. They are checked
 * before any is trained.
 *
 * @throws UsageError
 */
export async function experimentsOf({ file, ...wanted }: Wanted): Promise<readonly Experiment[]> {
  const { grid: assignments, seeds, settings } = wanted;
  if (file === undefined && assignments.length + seeds.length === 0) {
    throw new UsageError("Name the file of an experiment, or give --grid or --seeds; see --help");
  }
  const grid = parseGrid(assignments, settings);
  const base = entriesOf(fromReference(settings));
  if (base.seed !== undefined && seeds.length > 0) {
    throw new UsageError("--seed says otherwise than --seeds: give one of them");
  }
  const chosen = seeds.length > 0 ? seeds : base.seed === undefined ? undefined : [base.seed];
  const all = file === undefined ? [ofFlags(grid)] : await load(file);
  const found = all.filter(({ name }) => name.includes(wanted.only ?? ""));
  if (found.length === 0) {
    const names = all.map(({ name }) => name).join("; ");
    throw new UsageError(`--only ${wanted.only}: no experiment has this in its name (${names})`);
  }
  const experiments = found.map((experiment) =>
    changed(experiment, { grid, base, ...chosen && { seeds: chosen } })
  );
  try {
    experiments.forEach(runsOf);
  } catch (error) {
    throw error instanceof RangeError
      ? new UsageError(`Cannot run ${file ?? "the sweep"}: ${error.message}`, { cause: error })
      : error;
  }
  return experiments;
}

/** Named after what it varies. */
function ofFlags(grid: ParsedGrid): Experiment {
  const names = Object.keys(grid).map(nameOf);
  return { name: names.length === 0 ? "seeds" : names.join(" × "), base: {}, seeds: [0] };
}

async function load(path: string): Promise<readonly Experiment[]> {
  const found = await import(pathToFileURL(resolve(path)).href).catch((cause) => {
    throw new UsageError(`Cannot load the experiment ${path}: ${cause.message}`, { cause });
  });
  const experiments: unknown = found.default;
  if (experiments === undefined) {
    throw new UsageError(`Cannot run ${path}: it has no experiment as its default export`);
  }
  return Array.isArray(experiments) ? experiments : [experiments as Experiment];
}

/** @throws UsageError where the experiment itself varies what a flag would set */
function changed(
  experiment: Experiment,
  { grid, base, seeds = experiment.seeds }: {
    readonly grid: ParsedGrid;
    readonly base: Partial<TrainConfig>;
    readonly seeds?: readonly number[];
  },
): Experiment {
  const { name, variants = [] } = experiment;
  const { seed: _, ...set } = base;
  const inVariants = variants.flatMap(({ config }) => Object.keys(config));
  const inGrid = Object.keys({ ...experiment.grid, ...grid });
  for (const key of Object.keys({ ...set, ...grid })) {
    const isSetTwice = Object.hasOwn(set, key) && inGrid.includes(key);
    if (!inVariants.includes(key) && !isSetTwice) continue;
    const who = isSetTwice ? "its grid" : "its variants";
    const flag = Object.hasOwn(configEntries, key) ? nameOf(key) : key;
    throw new UsageError(`Cannot set --${flag} of the experiment ${name}: ${who} set it`);
  }
  return {
    ...experiment,
    base: { ...experiment.base, ...set },
    grid: { ...experiment.grid, ...grid } as NonNullable<Experiment["grid"]>,
    seeds,
  };
}
