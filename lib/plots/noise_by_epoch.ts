import type { TopLevelSpec } from "vega-lite";
import { axisEnd } from "./_axis_end.ts";
import { seriesColor, seriesShape, testErrorAxis, TIP } from "./_encodings.ts";
import { type Series, seriesOf, seriesOfRun } from "./_series.ts";
import { chooseByLegend, fade, type Layer, SCHEMA } from "./_spec.ts";
import { compact, lines, percent } from "./_text.ts";
import { groupRuns, type PlottedRow, type Run } from "./select_epochs.ts";
import { estimateMean } from "../statistics/mod.ts";
import { theme } from "./theme.ts";

/** What `noiseByEpoch` lets one choose. */
export interface NoiseByEpochOptions {
  readonly title?: string;
}

/**
 * Test error against the share of wrong labels after as many epochs as a slider says: one sees when
 * a network begins to learn the wrong labels by heart. Means over seeds; diverged runs are in none. The
 * slider goes by the epochs that all runs were evaluated at; a run that has ended stays where it ended.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { noiseByEpoch } from "sam/plots";
 *
 * const epoch = { dataset: "mine", model: "WRN-10-1", labelNoise: 0, seed: 0, epoch: 1 };
 * const losses = { trainLoss: 0.9, trainError: 0.2, testLoss: 1 };
 * const rows = [
 *   { ...epoch, ...losses, method: "SGD", rho: 0, testError: 0.3 },
 *   { ...epoch, ...losses, method: "SAM", rho: 0.05, testError: 0.24 },
 * ];
 * assertStringIncludes(String(noiseByEpoch(rows).description), "SAM 24.0 % at 0 % noise");
 * ```
 *
 * @throws RangeError if every run diverged
 */
export function noiseByEpoch(
  rows: readonly PlottedRow[],
  { title = "Test error against label noise, epoch by epoch" }: NoiseByEpochOptions = {},
): TopLevelSpec {
  const runs = groupRuns(rows).filter(({ diverged }) => !diverged);
  if (runs.length === 0) throw new RangeError("Cannot plot label noise: every run diverged");
  const series = seriesOf(runs);
  const { epochs, step } = sliderOf(runs);
  const points = pointsOf(runs, series, { epochs, step });
  const last = points.filter(({ epoch }) => epoch === epochs);
  const ends = last.map(({ series, noise, error }) =>
    `${series} ${percent(error / 100, 1)} at ${noise} % noise`
  );
  return {
    $schema: SCHEMA,
    description: `${title}. At the end of each run: ${ends.join("; ")}.`,
    title: {
      text: title,
      subtitle: lines([
        "Mean over seeds. Move the slider, click the legend",
        new Set(runs.map(lastEpoch)).size > 1 ? "Shorter runs stay where they ended" : "",
      ]),
    },
    params: [{
      name: "after",
      value: epochs,
      bind: { input: "range", min: step, max: epochs, step, name: "After epoch " },
    }],
    data: { values: points },
    transform: [{ filter: "datum.epoch === after" }],
    width: 560,
    height: 300,
    layer: [meanLines(points, series)],
    config: theme,
  };
}

/** The mean of one series at one noise rate after one epoch; shares in per cent. */
interface Point {
  readonly series: string;
  readonly noise: number;
  readonly epoch: number;
  readonly error: number;
  readonly seeds: number;
}

/** A stop at every epoch that some run was evaluated at: the greatest common step. */
function sliderOf(runs: readonly Run[]): { readonly epochs: number; readonly step: number } {
  const stops = [...new Set(runs.flatMap(({ rows }) => rows.map(({ epoch }) => epoch)))];
  const divisor = (a: number, b: number): number => b === 0 ? a : divisor(b, a % b);
  return { epochs: Math.max(...stops), step: stops.reduce(divisor) };
}

function lastEpoch({ rows }: Run): number {
  return rows.at(-1)!.epoch;
}

function pointsOf(
  runs: readonly Run[],
  series: readonly Series[],
  { epochs, step }: { readonly epochs: number; readonly step: number },
): Point[] {
  const stops = Array.from({ length: epochs / step }, (_, index) => (index + 1) * step);
  const groups = Map.groupBy(
    stops.flatMap((epoch) =>
      runs.flatMap((run) => {
        const row = run.rows.findLast((row) => row.epoch <= epoch);
        return row ? { row, epoch, label: seriesOfRun(series, run).label } : [];
      })
    ),
    ({ row, epoch, label }) => JSON.stringify([label, row.labelNoise, epoch]),
  );
  return Array.from(groups.values(), (group) => {
    const { row, epoch, label } = group[0]!;
    return {
      series: label,
      noise: compact(100 * row.labelNoise),
      epoch,
      error: compact(100 * estimateMean(group.map(({ row }) => row.testError)).value),
      seeds: group.length,
    };
  });
}

function meanLines(points: readonly Point[], series: readonly Series[]): Layer {
  const end = axisEnd(points.map(({ error }) => error), [], 100);
  return {
    params: [chooseByLegend],
    mark: { type: "line", point: { size: 70 }, strokeWidth: 2.5 },
    encoding: {
      x: {
        field: "noise",
        type: "quantitative",
        title: "Wrong training labels, %",
        axis: { values: [...new Set(points.map(({ noise }) => noise))], grid: false },
      },
      y: testErrorAxis({ scale: { domain: [0, end] } }),
      color: seriesColor(series),
      shape: seriesShape(series),
      opacity: fade(1),
      tooltip: [TIP.method, TIP.noise, TIP.error, TIP.epoch, TIP.seeds],
    },
  };
}
