import type { TopLevelSpec } from "vega-lite";
import { axisRange } from "./_axis_range.ts";
import { besideBaseline } from "./_beside_baseline.ts";
import { conditionsOf, type Sample, samplesOf } from "./_conditions.ts";
import { errorPanel, type PlacedMean, type PlacedRun } from "./_error_panel.ts";
import { meanError, runError } from "./_errors.ts";
import { entryTitle } from "./_names.ts";
import { nameOf, seriesOf } from "./_series.ts";
import { settingOf, withoutSettings } from "./_settings.ts";
import { SCHEMA } from "./_spec.ts";
import { CHOICES, enumeration, lines, notes, seeds } from "./_text.ts";
import type { Comparison } from "./comparisons.ts";
import { groupRuns, type PlottedRow, type Run } from "./select_epochs.ts";
import { describeFinding } from "../statistics/mod.ts";
import { theme } from "./theme.ts";

/** What `errorBySetting` lets one choose. */
export interface ErrorBySettingOptions {
  /** The entry of the runs' configuration along the x axis, "rho" for the radius. */
  readonly entry: string;
  readonly title?: string;
  /** Default: the entry's name in words. */
  readonly axisTitle?: string;
  /** The x axis; ticks are at the values of the runs. Default "linear". */
  readonly scale?: "linear" | "log";
  /**
   * A method that the others are compared with at each value, on pairs of equal seeds: marks that are not
   * told apart from it, corrected by Holm for the whole figure, are hollow. Default: none.
   */
  readonly baseline?: string;
}

/**
 * Test error after the last epoch against a setting of the runs, such as the number of training images:
 * a line for each method, means over seeds with 95 % confidence intervals, every seed a dot; one panel
 * for each condition otherwise. The error's axis need not begin at 0.
 *
 * A diverged run is in no mean; a cross marks its last finite test error.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { errorBySetting } from "sam/plots";
 *
 * const epoch = { dataset: "mine", model: "m", method: "SGD", rho: 0, labelNoise: 0, epoch: 1 };
 * const losses = { trainLoss: 0.9, trainError: 0.2, testLoss: 1 };
 * const rows = [1000, 5000].map((trainCount) => ({
 *   ...{ ...epoch, ...losses, seed: 0, trainCount, run: `${trainCount}` },
 *   testError: 100 / trainCount,
 * }));
 * const spec = errorBySetting(rows, { entry: "trainCount", scale: "log" });
 * assertStringIncludes(String(spec.description), "SGD: 10.00 at 1,000, 2.00 at 5,000");
 * ```
 *
 * @throws RangeError as `groupRuns` does; if a run lacks the entry or has one that is no number; for fewer
 *   than two values; and for a value that a log scale cannot show
 */
export function errorBySetting(
  rows: readonly PlottedRow[],
  {
    entry,
    axisTitle = entryTitle(entry),
    title = `Test error against ${axisTitle.toLowerCase()}`,
    scale = "linear",
    baseline,
  }: ErrorBySettingOptions,
): TopLevelSpec {
  const runs = groupRuns(rows);
  const valueOf = new Map(runs.map((run) => [plainOf(run, entry), checkValue(run, entry, scale)]));
  const values = [...new Set(valueOf.values())].sort((a, b) => a - b);
  if (values.length < 2) {
    throw new RangeError(
      `Cannot plot against ${entry}: every run has ${values[0]}; pass runs of two values or more`,
    );
  }
  const series = seriesOf([...valueOf.keys()]).map((one) => ({ ...one, label: nameOf(one) }));
  const { conditions, shared } = conditionsOf([...valueOf.keys()]);
  const samples = conditions.flatMap((condition) =>
    values.flatMap((value) => {
      const runs = condition.runs.filter((run) => valueOf.get(run) === value);
      return samplesOf({ ...condition, runs }, series);
    })
  );
  const comparisons = baseline === undefined ? [] : compareWith(baseline, samples);
  const panels = conditions.map(({ key, label, runs }): ConditionPanel => {
    const own = samples.filter(({ condition }) => condition.key === key);
    const at = (sample: Sample) => ({
      series: sample.series.label,
      at: valueOf.get(sample.runs[0]!)!,
    });
    return {
      dataset: runs[0]!.dataset,
      label,
      means: own.flatMap((sample): PlacedMean[] => {
        const mean = meanError(sample.runs, "last");
        const found = comparisons.find(({ treated }) => treated.runs === sample.runs)?.finding;
        return mean
          ? [{
            ...at(sample),
            ...mean,
            ...found && {
              hollow: found.verdict === "not told apart",
              finding: describeFinding(found, baseline),
            },
          }]
          : [];
      }),
      runs: own.flatMap((sample) =>
        sample.runs.flatMap((run): PlacedRun[] => {
          const found = runError(run, "last");
          return found ? [{ ...at(sample), ...found }] : [];
        })
      ),
    };
  });
  return {
    $schema: SCHEMA,
    description: describe(title, shared, panels),
    title: {
      text: title,
      subtitle: lines([
        CHOICES.last,
        shared,
        seeds(samples, " (dots) with 95 % confidence intervals (Student's t)"),
        comparisons.length > 0
          ? `Hollow: not told apart from ${baseline} (pairs of equal seeds, Holm)`
          : "",
      ]).concat(notes(samples)),
    },
    vconcat: rowsOfPanels(panels).map((row, i) => ({
      spacing: 24,
      hconcat: row.map(({ label, means, runs, errors }, j) =>
        errorPanel({
          title: label,
          x: { title: axisTitle, values, scale },
          ...{ means, runs, errors, series },
          height: row.length === 1 ? 300 : 230,
          count: row.length,
          first: i === 0 && j === 0,
        })
      ),
    })),
    spacing: 24,
    config: theme,
  };
}

/** A run without what the x axis tells, which is no part of a method's name then. */
function plainOf(run: Run, entry: string): Run {
  return { ...withoutSettings(run, [entry]), ...entry === "rho" && { rho: 0 } };
}

function checkValue(run: Run, entry: string, scale: "linear" | "log"): number {
  const value = settingOf(run, entry);
  const whose = `the run of ${run.method} with seed ${run.seed} on ${run.dataset}`;
  if (value === undefined) {
    throw new RangeError(
      `Cannot plot against ${entry}: ${whose} has no such setting; give it to the rows of every run`,
    );
  }
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new RangeError(
      `Cannot plot against ${entry}: in ${whose} it is ${
        JSON.stringify(value)
      }, and must be a number`,
    );
  }
  if (scale === "linear" || value > 0) return value;
  throw new RangeError(
    `Cannot plot against ${entry} = ${value} on a log scale: pass values above 0, or a linear scale`,
  );
}

/** The comparisons with a baseline that there must be. */
function compareWith(baseline: string, samples: readonly Sample[]): Comparison[] {
  const methods = [...new Set(samples.map(({ series }) => series.method))];
  if (methods.includes(baseline)) return besideBaseline(samples, baseline, "last");
  throw new RangeError(
    `Cannot compare ${enumeration(methods)} with ${baseline}: the rows hold no run of it`,
  );
}

/** One panel: a condition, with the means and the runs that it shows. */
interface ConditionPanel {
  readonly dataset: string;
  readonly label: string;
  readonly means: readonly PlacedMean[];
  readonly runs: readonly PlacedRun[];
}

/** Panels of one data set, which share their errors' axis, side by side in twos; one alone is wide. */
function rowsOfPanels(panels: readonly ConditionPanel[]) {
  return [...Map.groupBy(panels, ({ dataset }) => dataset).values()].flatMap((group) => {
    const errors = axisRange(
      group.flatMap(({ means, runs }) => [...means, ...runs].map(({ error }) => error)),
      group.flatMap(({ means }) =>
        means.flatMap(({ low, high }) => [low ?? [], high ?? []].flat())
      ),
      [0, 100],
    );
    const rows = Map.groupBy(group.keys(), (index) => Math.floor(index / 2));
    return Array.from(rows.values(), (row) => row.map((index) => ({ ...group[index]!, errors })));
  });
}

/** The figure in words: for each condition and method, its error at every value. */
function describe(
  title: string,
  shared: string,
  panels: readonly ConditionPanel[],
): string {
  const parts = panels.flatMap(({ label, means }) =>
    Array.from(Map.groupBy(means, ({ series }) => series), ([name, list]) => {
      const errors = list.map(({ at, text, finding }) =>
        `${text} at ${at.toLocaleString("en")}${finding ? ` (${finding})` : ""}`
      );
      return `${[label, name].filter(Boolean).join(", ")}: ${errors.join(", ")}`;
    })
  );
  return [title, shared, `Test error in per cent. ${parts.join("; ")}`].filter(Boolean).join(". ");
}
