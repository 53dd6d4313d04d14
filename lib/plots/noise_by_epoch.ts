import type { TopLevelSpec } from "vega-lite";
import type { EpochRow } from "../train/rows.ts";
import { axisEnd } from "./_axis_end.ts";
import { colorScale, seriesOf, seriesOfRun, shapeScale } from "./_series.ts";
import { chooseByLegend, fade, SCHEMA } from "./_spec.ts";
import { compact, lines, percent } from "./_text.ts";
import { runsOf } from "./select_epochs.ts";
import { estimateMean } from "../statistics/mod.ts";
import { theme } from "./theme.ts";

/** What `noiseByEpoch` lets one choose. */
export interface NoiseByEpochOptions {
  readonly title?: string;
}

/**
 * Test error against the share of wrong labels after as many epochs as a slider says: one sees when
 * a network begins to learn the wrong labels by heart. Means over seeds; diverged runs are in none.
 *
 * @throws RangeError if every run diverged
 */
export function noiseByEpoch(
  rows: readonly EpochRow[],
  { title = "Test error against label noise, epoch by epoch" }: NoiseByEpochOptions = {},
): TopLevelSpec {
  const runs = runsOf(rows).filter(({ diverged }) => !diverged);
  if (runs.length === 0) throw new RangeError("Cannot plot label noise: every run diverged");
  const series = seriesOf(runs);
  const groups = Map.groupBy(
    runs.flatMap((run) => run.rows.map((row) => ({ row, label: seriesOfRun(series, run).label }))),
    ({ row, label }) => JSON.stringify([label, row.labelNoise, row.epoch]),
  );
  const points = Array.from(groups.values(), (group) => {
    const { row, label } = group[0]!;
    return {
      series: label,
      noise: compact(100 * row.labelNoise),
      epoch: row.epoch,
      error: compact(100 * estimateMean(group.map(({ row }) => row.testError)).value),
      seeds: group.length,
    };
  });
  const epochs = Math.max(...points.map(({ epoch }) => epoch));
  const last = points.filter(({ epoch }) => epoch === epochs);
  const ends = last.map(({ series, noise, error }) =>
    `${series} ${percent(error / 100, 1)} at ${noise} % noise`
  );
  return {
    $schema: SCHEMA,
    description: `${title}. After epoch ${epochs}: ${ends.join("; ")}.`,
    title: { text: title, subtitle: lines(["Mean over seeds. Move the slider, click the legend"]) },
    params: [{
      name: "after",
      value: epochs,
      bind: { input: "range", min: 1, max: epochs, step: 1, name: "After epoch " },
    }],
    data: { values: points },
    transform: [{ filter: "datum.epoch === after" }],
    width: 560,
    height: 300,
    layer: [{
      params: [chooseByLegend],
      mark: { type: "line", point: { size: 70 }, strokeWidth: 2.5 },
      encoding: {
        x: {
          field: "noise",
          type: "quantitative",
          title: "Wrong training labels, %",
          axis: { values: [...new Set(points.map(({ noise }) => noise))], grid: false },
        },
        y: {
          field: "error",
          type: "quantitative",
          title: "Test error, %",
          scale: { domain: [0, axisEnd(points.map(({ error }) => error), [], 100)] },
        },
        color: { field: "series", type: "nominal", scale: colorScale(series), title: null },
        shape: { field: "series", type: "nominal", scale: shapeScale(series), title: null },
        opacity: fade(1),
        tooltip: [
          { field: "series", title: "Method" },
          { field: "noise", title: "Wrong labels, %" },
          { field: "error", title: "Test error, %" },
          { field: "epoch", title: "Epoch" },
          { field: "seeds", title: "Seeds" },
        ],
      },
    }],
    config: theme,
  };
}
