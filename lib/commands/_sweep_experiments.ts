/** What a command line makes of experiments. @module */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { checkExperiment, type Experiment, runsOf } from "../runs/mod.ts";
import { reasonOf } from "../system/mod.ts";
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
    throw new UsageError("--seed contradicts --seeds: give one of them");
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

/** What a module's name ends in. */
const MODULE = /\.[cm]?[jt]s$/;

/** The experiments of a file. */
async function load(path: string): Promise<readonly Experiment[]> {
  const problem = await whyNoModule(path);
  if (problem !== undefined) {
    throw new UsageError(
      `Cannot load the experiment ${path}: ${problem}. Name a TypeScript file that exports one, such ` +
        "as notebooks/experiments/ablations.ts",
    );
  }
  const found = await import(pathToFileURL(resolve(path)).href).catch((cause) => {
    throw new UsageError(`Cannot load the experiment ${path}: ${reasonOf(cause)}`, { cause });
  });
  const experiments: unknown[] = [found.default ?? []].flat();
  if (experiments.length === 0) {
    throw new UsageError(`Cannot run ${path}: it has no experiment as its default export`);
  }
  return experiments.map((experiment) => experimentIn(path, experiment));
}

async function whyNoModule(path: string): Promise<string | undefined> {
  const found = await Deno.stat(path).catch(() => undefined);
  if (found === undefined) return "there is no such file";
  if (found.isDirectory) return "it is a folder";
  return MODULE.test(path) ? undefined : "it is not a module";
}

/** @throws UsageError for what is not an experiment, or one whose tasks only code can build */
function experimentIn(path: string, found: unknown): Experiment {
  try {
    checkExperiment(found);
  } catch (cause) {
    throw new UsageError(`Cannot run ${path}: ${reasonOf(cause)}`, { cause });
  }
  if (!("builder" in found)) return found as Experiment;
  throw new UsageError(
    `Cannot run the experiment ${found.name} of ${path}: it has a builder, whose tasks no flag ` +
      "describes. Call runs.sweep with it",
  );
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
