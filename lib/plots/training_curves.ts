import type { TopLevelSpec } from "vega-lite";
import { axisEnd } from "./_axis_end.ts";
import { conditionsOf, type Sample, samplesOf } from "./_conditions.ts";
import { curvePanel } from "./_curve_panel.ts";
import { seriesOf } from "./_series.ts";
import { SCHEMA } from "./_spec.ts";
import { compact, lines, notes, percent, seeds } from "./_text.ts";
import { type TrainingFigures, trainingFigures } from "./_training_figures.ts";
import { groupRuns, lastFiniteEpoch, type PlottedRow, selectEpoch } from "./select_epochs.ts";
import { estimateMean } from "../statistics/mod.ts";
import { theme } from "./theme.ts";

/** What `trainingCurves` lets one choose. */
export interface TrainingCurvesOptions {
  readonly title?: string;
}

/**
 * Loss and error against epoch, train and test, for every method: one row of panels for each
 * combination of data set, model and label noise. Lines are means over seeds, bands reach from the
 * lowest seed to the highest. A diverged run is in no mean: it is drawn by itself, with a cross at
 * its last finite epoch. Training figures are those of the training set evaluated at w where all runs
 * have them, else means over the steps; the subtitle says which.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { trainingCurves } from "sam/plots";
 *
 * const epoch = { dataset: "mine", model: "WRN-10-1", labelNoise: 0, seed: 0, epoch: 1 };
 * const losses = { trainLoss: 0.9, trainError: 0.2, testLoss: 1 };
 * const rows = [
 *   { ...epoch, ...losses, method: "SGD", rho: 0, testError: 0.3 },
 *   { ...epoch, ...losses, method: "SAM", rho: 0.05, testError: 0.24 },
 * ];
 * assertStringIncludes(String(trainingCurves(rows).description), "SAM: training error 20.0 %");
 * ```
 */
export function trainingCurves(
  rows: readonly PlottedRow[],
  { title = "Loss and error during training" }: TrainingCurvesOptions = {},
): TopLevelSpec {
  const runs = groupRuns(rows);
  const series = seriesOf(runs);
  const { conditions, shared } = conditionsOf(runs);
  const samples = conditions.flatMap((condition) => samplesOf(condition, series));
  const maxEpoch = Math.max(...runs.map((run) => run.rows.at(-1)!.epoch));
  const training = trainingFigures(runs);
  const curves = samples.flatMap((sample) => curveRecords(sample, training));
  const diverged = samples.flatMap((sample) => divergedRecords(sample, training));
  return {
    $schema: SCHEMA,
    description: describe(title, shared, samples, training),
    title: {
      text: title,
      subtitle: lines([
        shared,
        seeds(samples, ", bands from the lowest to the highest"),
        training.measured,
      ]).concat(notes(samples)),
    },
    datasets: { curves, diverged },
    vconcat: conditions.map((condition, i) => ({
      ...(condition.label && { title: { text: condition.label, fontSize: 15, offset: 6 } }),
      spacing: 24,
      hconcat: (["loss", "error"] as const).map((metric) =>
        curvePanel({
          metric,
          condition,
          series,
          maxEpoch,
          maxValue: maxValue(curves, diverged, condition.key, metric),
          hasPoints: samples.some(({ runs }) => runs.every(({ rows }) => rows.length === 1)),
          name: `${metric}${i}`,
          first: i === 0 && metric === "loss",
        })
      ),
    })),
    spacing: 20,
    config: theme,
  };
}

/** Where a panel's vertical axis ends: a run that exploded, or did once, does not flatten the others. */
function maxValue(
  curves: readonly CurveRecord[],
  diverged: readonly CurveRecord[],
  condition: string,
  metric: "loss" | "error",
): number {
  const values = (records: readonly CurveRecord[], field: string) =>
    records.filter((record) => record.condition === condition).map((record) =>
      Number(record[field])
    );
  return axisEnd(values(curves, metric), [
    ...values(curves, `${metric}High`),
    ...values(diverged, metric),
  ]);
}

type CurveRecord = Record<string, string | number | boolean>;

const SPLITS = ["train", "test"] as const;

/** One point of a mean curve with its band; the error in per cent. */
function curveRecords(
  { condition, series, runs }: Sample,
  { valueOf }: TrainingFigures,
): CurveRecord[] {
  const rows = runs.filter((run) => !run.diverged).flatMap((run) => run.rows);
  return [...Map.groupBy(rows, (row) => row.epoch)]
    .sort(([a], [b]) => a - b)
    .flatMap(([epoch, group]) =>
      SPLITS.map((split) => {
        const losses = group.map((row) => valueOf(row, split, "Loss"));
        const errors = group.map((row) => 100 * valueOf(row, split, "Error"));
        return {
          condition: condition.key,
          series: series.label,
          split,
          epoch,
          seeds: group.length,
          ...band("loss", losses),
          ...band("error", errors),
        };
      })
    );
}

/** The epochs of each diverged run up to where its numbers ended. */
function divergedRecords(
  { condition, series, runs }: Sample,
  { valueOf }: TrainingFigures,
): CurveRecord[] {
  return runs.filter((run) => run.diverged).flatMap((run) => {
    const end = lastFiniteEpoch(run)?.epoch ?? 0;
    return run.rows.filter((row) => row.epoch <= end).flatMap((row) =>
      SPLITS.map((split) => ({
        condition: condition.key,
        series: series.label,
        split,
        seed: run.seed,
        epoch: row.epoch,
        loss: compact(valueOf(row, split, "Loss")),
        error: compact(100 * valueOf(row, split, "Error")),
        end: row.epoch === end,
      }))
    );
  });
}

function band(name: string, values: readonly number[]): Record<string, number> {
  return {
    [name]: compact(estimateMean(values).value),
    [`${name}Low`]: compact(Math.min(...values)),
    [`${name}High`]: compact(Math.max(...values)),
  };
}

/** The figure in words: where each method's curves end. */
function describe(
  title: string,
  shared: string,
  samples: readonly Sample[],
  { valueOf }: TrainingFigures,
): string {
  const ends = samples.map(({ condition, series, runs }) => {
    const name = [condition.label, series.label].filter(Boolean).join(", ");
    const last = runs.map((run) => selectEpoch(run, "last")).filter((row) => row !== undefined);
    if (last.length === 0) return `${name}: every run diverged`;
    const [train, test] = SPLITS.map((split) =>
      percent(estimateMean(last.map((row) => valueOf(row, split, "Error"))).value, 1)
    );
    return `${name}: training error ${train}, test error ${test}`;
  });
  return `${title}. ${shared ? `${shared}. ` : ""}At the end: ${ends.join("; ")}.`;
}
