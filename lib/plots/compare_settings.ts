import { ALL_ASPECTS, conditionsOf } from "./_conditions.ts";
import { settingText } from "./_names.ts";
import { nameOf, seriesOf, seriesOfRun, settingTexts } from "./_series.ts";
import { settingOf, withoutSettings } from "./_settings.ts";
import { compare, type Comparison, type ComparisonOptions, type Pairing } from "./comparisons.ts";
import { groupRuns, type PlottedRow, type Run, type Setting } from "./select_epochs.ts";

/** What `compareSettings` lets one choose. */
export interface CompareSettingsOptions extends ComparisonOptions {
  /** The entry of the configuration whose values are compared. */
  readonly entry: string;
  /** The value that all others are compared with. */
  readonly from: Setting;
  /** Entries that change along with it, such as the epochs of runs of as many steps. */
  readonly along?: readonly string[];
  /** How a value stands in sentences; default the entry with the value, "batch size = 50". */
  readonly label?: (value: Setting) => string;
}

/**
 * What the rows of one figure say of a setting: each of its values beside one of them, in runs that
 * are otherwise configured alike. For the radius, `entry` is "rho", and methods may differ by name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compareSettings, describeComparison } from "sam/plots";
 *
 * const epoch = { dataset: "mine", model: "WRN-10-1", method: "SGD", rho: 0, labelNoise: 0, epoch: 1 };
 * const losses = { trainLoss: 0.9, trainError: 0.2, testLoss: 1 };
 * const rows = [0, 1, 2].flatMap((seed) =>
 *   [25, 50].map((batchSize) => ({
 *     ...{ ...epoch, ...losses, seed, batchSize, run: `${batchSize} ${seed}` },
 *     testError: 0.3 + 0.01 * seed + 0.001 * batchSize + 1e-5 * seed * batchSize,
 *   }))
 * );
 * const [found] = compareSettings(rows, { entry: "batchSize", from: 25 });
 * assertEquals(
 *   describeComparison(found!),
 *   "SGD: batch size = 50 is higher than 25 by 2.5 points [2.5, 2.6], n = 3",
 * );
 * ```
 *
 * @throws RangeError as `groupRuns` does, and for runs of one setting with the same seed
 */
export function compareSettings(
  rows: readonly PlottedRow[],
  { entry, from, along = [], label, ...options }: CompareSettingsOptions,
): Comparison[] {
  const runs = groupRuns(rows);
  const aspects = ALL_ASPECTS.filter((aspect) => aspect !== entry);
  const series = seriesOf(runs.map((run) => withoutSettings(run, [entry, ...along])));
  const nameOfValue = (value: Setting | undefined) =>
    label && value !== undefined ? label(value) : settingText(entry, value);
  const { conditions, shared } = conditionsOf(runs, aspects);
  const alike = conditions.flatMap((condition) => {
    const groups = Map.groupBy(condition.runs, (run) => restOf(run, [entry, ...along]));
    return Array.from(groups.values(), (runs) => ({ condition: condition.label, runs }));
  });
  const pairings = alike.flatMap(({ condition, runs }): Pairing[] => {
    const byValue = Map.groupBy(runs, (run) => settingOf(run, entry));
    const baseline = byValue.get(from);
    if (baseline === undefined) return [];
    const own = seriesOfRun(series, withoutSettings(runs[0]!, [entry, ...along]));
    // Methods may be named after their radius.
    const rest = entry === "rho" ? settingTexts(own.settings).join(", ") : nameOf(own);
    return [...byValue].filter(([value]) => value !== from).map(([value, treated]) => ({
      condition: [condition, rest].filter(Boolean).join(", "),
      shared,
      changed: [entry, ...along],
      treated: { name: nameOfValue(value), runs: treated },
      baseline: {
        name: label ? label(from) : `${from}`,
        runs: baseline,
      },
    }));
  });
  return compare(pairings, options);
}

/** Everything that runs which are compared have in common but their seeds. */
function restOf(run: Run, changed: readonly string[]): string {
  const { method, rho, settings } = withoutSettings(run, changed);
  const known = Object.entries(settings).sort(([a], [b]) => a < b ? -1 : 1);
  return JSON.stringify([...changed.includes("rho") ? [] : [method, rho], known]);
}
