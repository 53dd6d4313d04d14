/** What an experiment needs, of either kind; types cannot tell it of a file that is imported. @module */
import { isRecord } from "../system/mod.ts";

/** The parts that experiments over configurations and over tasks of one's own have in common. */
export interface ExperimentParts {
  readonly name: string;
  readonly base: object;
  readonly grid?: object;
  readonly variants?: readonly { readonly config: object }[];
  readonly seeds: readonly number[];
}

/**
 * Refuses what is not an experiment, such as something else that a file exports.
 *
 * ```ts
 * import { runs } from "sam";
 *
 * runs.checkExperiment({ name: "rho", base: {}, grid: { samRho: [0, 0.05] }, seeds: [0] });
 * ```
 *
 * @throws TypeError that names the part that is missing, or of another kind
 */
export function checkExperiment(experiment: unknown): asserts experiment is ExperimentParts {
  if (!isRecord(experiment)) {
    throw new TypeError(
      `Cannot run ${experiment} as an experiment: it must be a record such as ` +
        '{ name: "rho", base: {}, grid: { samRho: [0, 0.05] }, seeds: [0] }',
    );
  }
  const { name, base, grid, variants, seeds } = experiment;
  if (typeof name !== "string" || name.trim() === "") {
    throw new TypeError(`Cannot run an experiment of the name ${name}: it must be a text`);
  }
  const wrong = (part: string, expected: string) =>
    new TypeError(`Cannot run the experiment ${name}: its ${part} must be ${expected}`);
  if (!isRecord(base)) throw wrong("base", "a record of the entries that all its runs have");
  if (grid !== undefined && !(isRecord(grid) && Object.values(grid).every(isListOrNone))) {
    throw wrong("grid", "a record of lists of values, such as { samRho: [0, 0.05] }");
  }
  if (variants !== undefined && !(Array.isArray(variants) && variants.every(isVariant))) {
    throw wrong("variants", 'a list such as [{ method: "SGD", config: { samRho: 0 } }]');
  }
  if (!Array.isArray(seeds)) throw wrong("seeds", "a list, such as [0, 1, 2]");
}

function isListOrNone(value: unknown): boolean {
  return value === undefined || Array.isArray(value);
}

function isVariant(value: unknown): boolean {
  return isRecord(value) && isRecord(value.config);
}
