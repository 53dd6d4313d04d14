import { entryWords, nearName } from "../schema/mod.ts";
import { configEntries, type TrainConfig } from "../train/mod.ts";
import { UsageError, valueOf } from "./_flags.ts";
import { fromReference, referenceFlags, RENAMED } from "./_reference_flags.ts";
import { configFlags, entriesOf, nameOf } from "./_train_flags.ts";

/** Values by entry of the configuration. */
export type ParsedGrid = Readonly<Record<string, readonly unknown[]>>;

const FLAGS = { ...configFlags, ...referenceFlags };

/**
 * The grid of `--grid`: `sam-rho=0,0.05`. An entry is named as its flag, here or in google-research/sam,
 * as in a configuration (`samRho`), or by its last word where no other ends so (`rho`).
 *
 * @param given the other settings, which tell what some flags of google-research/sam mean
 * @throws UsageError
 */
export function parseGrid(
  assignments: readonly string[],
  given: Readonly<Record<string, unknown>>,
): ParsedGrid {
  const grid: Record<string, readonly unknown[]> = {};
  for (const assignment of assignments) {
    const [, wanted, texts] = /^([^=]+)=(.+)$/s.exec(assignment) ?? [];
    if (wanted === undefined) {
      throw new UsageError(`--grid must be NAME=VALUE,…, got ${assignment}`);
    }
    const name = flagNamed(wanted.trim());
    const settings = texts!.split(",").map((text) => settingOf(name, text.trim(), given));
    const key = settings[0]![0];
    if (settings.some(([other]) => other !== key)) {
      throw new UsageError(`--grid ${wanted}: its values set different entries; use our own flags`);
    }
    if (Object.hasOwn(grid, key)) throw new UsageError(`--grid ${wanted} is given twice`);
    grid[key] = settings.map(([, value]) => value);
  }
  return grid;
}

/**
 * The flag of a setting's name: a flag, an entry of the configuration, or the one flag whose last words
 * it is.
 *
 * @throws UsageError for a name that means none, or several
 */
export function flagNamed(wanted: string): string {
  const name = nameOf(wanted).replaceAll("_", "-").replace(/^-+/, "");
  if (Object.hasOwn(FLAGS, name)) return name;
  const ending = Object.keys(configFlags).filter((flag) => flag.endsWith(`-${name}`));
  if (ending.length === 1) return ending[0]!;
  const near = ending.length > 1 ? ending.join(" or ") : nearName(name, Object.keys(FLAGS));
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  throw new UsageError(`There is no setting ${wanted}${hint}`);
}

/**
 * The entry of the configuration of a setting's name, see {@linkcode flagNamed}.
 *
 * @throws UsageError for a name that means none, or several
 */
export function settingNamed(wanted: string): string {
  const name = flagNamed(wanted);
  const own = RENAMED[name] ?? name;
  const key = Object.keys(configEntries).find((key) => nameOf(key) === own);
  if (key !== undefined) return key;
  throw new UsageError(`Cannot look for ${wanted}: use our own flags' names`);
}

/** The entry that a value of a flag sets, and to what. */
function settingOf(
  name: string,
  text: string,
  given: Readonly<Record<string, unknown>>,
): [key: string, value: unknown] {
  if (name === "seed" || name === "run-seed") throw new UsageError("Seeds are given by --seeds");
  const flag = FLAGS[name]!;
  if (entryWords(flag).repeats) {
    throw new UsageError(`--grid ${name}: each of its values is a list, which has commas itself`);
  }
  const value = valueOf(`--grid ${name}`, flag, text);
  // A value that the command line gives too is refused later, with its experiment's name.
  const { [name]: _, ...others } = given;
  const without = entriesOf(fromReference(others));
  const changes = Object.entries(entriesOf(fromReference({ ...others, [name]: value })))
    .filter(([key, changed]) => without[key as keyof TrainConfig] !== changed);
  if (changes.length !== 1) {
    throw new UsageError(`--grid ${name}=${text} sets no entry of its own; use our own flags`);
  }
  return changes[0]!;
}
