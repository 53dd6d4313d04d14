import type { TopLevelSpec } from "vega-lite";
import { axisEnd } from "./_axis_end.ts";
import { type Condition, conditionsOf, samplesOf } from "./_conditions.ts";
import { errorPanel, type PlacedMean, type PlacedRun } from "./_error_panel.ts";
import { meanError, runError } from "./_errors.ts";
import { type Series, seriesOf, seriesOfRun } from "./_series.ts";
import { SCHEMA } from "./_spec.ts";
import { CHOICES, compact, lines, notes, seeds } from "./_text.ts";
import { type EpochChoice, groupRuns, type PlottedRow, type Run } from "./select_epochs.ts";
import { theme } from "./theme.ts";

/** What `noiseRobustness` lets one choose. */
export interface NoiseRobustnessOptions {
  readonly title?: string;
}

/**
 * Test error against the share of wrong training labels, for every method: at the last epoch and,
 * beside it, unless a run was evaluated only once, at the best one, where only somebody who looks at the
 * test set could stop. Means
 * over seeds with 95 % confidence intervals, every seed a dot; one row for each data set and model.
 *
 * A diverged run is in no mean; a cross marks its last finite test error.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { noiseRobustness } from "sam/plots";
 *
 * const epoch = { dataset: "mine", model: "WRN-10-1", labelNoise: 0, seed: 0, epoch: 1 };
 * const losses = { trainLoss: 0.9, trainError: 0.2, testLoss: 1 };
 * const rows = [
 *   { ...epoch, ...losses, method: "SGD", rho: 0, testError: 0.3 },
 *   { ...epoch, ...losses, method: "SAM", rho: 0.05, testError: 0.24 },
 * ];
 * assertStringIncludes(String(noiseRobustness(rows).description), "SAM, last epoch: 24.00 at 0 %");
 * ```
 */
export function noiseRobustness(
  rows: readonly PlottedRow[],
  { title = "Test error against label noise" }: NoiseRobustnessOptions = {},
): TopLevelSpec {
  const runs = groupRuns(rows);
  const series = seriesOf(runs);
  const { conditions, shared } = conditionsOf(runs, [
    ...["dataset", "model", "noiseKind", "trainCount", "augmentation"] as const,
  ]);
  const rates = [...new Set(runs.map((run) => run.labelNoise))].sort((a, b) => a - b)
    .map((rate) => 100 * rate);
  const isFollowed = runs.every(({ rows }) => rows.length !== 1);
  const choices = EPOCH_CHOICES.filter((choice) => choice === "last" || isFollowed);
  const rowsOfPanels = conditions.map((condition) => ({
    label: condition.label,
    points: condition.runs.flatMap((run) => runPoints(run, seriesOfRun(series, run))),
    means: meansOf(condition, series, choices),
  }));
  const all = conditionsOf(runs).conditions.flatMap((condition) => samplesOf(condition, series));
  return {
    $schema: SCHEMA,
    description: describe(title, shared, rowsOfPanels.flatMap(({ means }) => means)),
    title: {
      text: title,
      subtitle: lines([
        shared,
        seeds(all, " (dots) with 95 % confidence intervals (Student's t)"),
      ]).concat(notes(all)),
    },
    vconcat: rowsOfPanels.map(({ label, means, points }, i) => ({
      ...(label && { title: { text: label, fontSize: 15, offset: 10 } }),
      spacing: 24,
      hconcat: choices.map((choice) =>
        errorPanel({
          title: CHOICES[choice],
          x: { title: "Wrong training labels, %", values: rates, scale: "linear" },
          means: means.filter((mean) => mean.choice === choice),
          runs: points.filter((point) => point.choice === choice),
          series,
          errors: [
            0,
            axisEnd(points.map(({ error }) => error), means.map(({ high }) => high ?? 0), 100),
          ],
          height: 230,
          count: choices.length,
          first: i === 0 && choice === "last",
        })
      ),
    })),
    spacing: 24,
    config: theme,
  };
}

const EPOCH_CHOICES: readonly EpochChoice[] = ["last", "best"];

/** A mean or a run as a panel of the last or of the best epoch has it. */
type Chosen<T> = T & { readonly choice: EpochChoice };

/** A mean for every method, rate and choice of epoch. */
function meansOf(
  { label, runs }: Condition,
  series: readonly Series[],
  choices: readonly EpochChoice[],
): (Chosen<PlacedMean> & { readonly condition: string })[] {
  return conditionsOf(runs).conditions
    .flatMap((atRate) => samplesOf(atRate, series))
    .flatMap(({ series, runs }) =>
      choices.flatMap((choice) => {
        const mean = meanError(runs, choice);
        const at = compact(100 * runs[0]!.labelNoise);
        return mean ? { condition: label, choice, series: series.label, at, ...mean } : [];
      })
    );
}

/** A point for every run and choice; a diverged one has a single place, its last finite epoch. */
function runPoints(run: Run, { label }: Series): Chosen<PlacedRun>[] {
  return EPOCH_CHOICES.flatMap((choice) => {
    const found = runError(run, choice);
    return found ? { choice, series: label, at: compact(100 * run.labelNoise), ...found } : [];
  });
}

/** The figure in words: for each method and choice of epoch, its error at every rate. */
function describe(title: string, shared: string, means: ReturnType<typeof meansOf>): string {
  const lists = Map.groupBy(
    means,
    ({ condition, series, choice }) =>
      [condition, series, `${choice} epoch`].filter(Boolean).join(", "),
  );
  const parts = [...lists].map(([name, list]) =>
    `${name}: ${
      list.toSorted((a, b) => a.at - b.at).map(({ at, text }) => `${text} at ${at} %`).join(", ")
    }`
  );
  return [title, shared, `Test error in per cent. ${parts.join("; ")}`].filter(Boolean).join(". ");
}
