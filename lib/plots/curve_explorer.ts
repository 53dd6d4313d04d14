import type { TopLevelSpec } from "vega-lite";
import type { EpochRow } from "../train/rows.ts";
import { colorScale, seriesOf, seriesOfRun } from "./_series.ts";
import { chooseByLegend, fade, SCHEMA } from "./_spec.ts";
import { compact, lines } from "./_text.ts";
import { runsOf } from "./select_epochs.ts";
import { theme } from "./theme.ts";

/** What `curveExplorer` lets one choose. */
export interface CurveExplorerOptions {
  readonly title?: string;
}

/**
 * Test error of every single run against epoch, over an overview in which the reader marks the
 * epochs to look at. Nothing is averaged; a diverged run ends where its numbers do.
 */
export function curveExplorer(
  rows: readonly EpochRow[],
  { title = "Every run" }: CurveExplorerOptions = {},
): TopLevelSpec {
  const runs = runsOf(rows);
  const series = seriesOf(runs);
  const points = runs.flatMap((run, index) =>
    run.rows.filter(({ testError }) => Number.isFinite(testError)).map((row) => ({
      run: index,
      series: seriesOfRun(series, run).label,
      seed: row.seed,
      noise: compact(100 * row.labelNoise),
      epoch: row.epoch,
      error: compact(100 * row.testError),
    }))
  );
  const epochs = Math.max(2, ...points.map(({ epoch }) => epoch));
  const lineOf = (axisTitle: string | null, domain?: { param: string }) => ({
    x: {
      field: "epoch",
      type: "quantitative" as const,
      title: "Epoch",
      axis: { tickMinStep: 1, tickCount: Math.min(10, epochs - 1), format: "d", grid: false },
      ...domain && { scale: { domain, nice: false } },
    },
    y: {
      field: "error",
      type: "quantitative" as const,
      title: axisTitle,
      scale: { zero: false },
    },
    detail: { field: "run" },
    color: {
      field: "series",
      type: "nominal" as const,
      scale: colorScale(series),
      title: null,
    },
  });
  return {
    $schema: SCHEMA,
    description: `${title}: test error against epoch of ${runs.length} runs, ` +
      `${series.map(({ label }) => label).join(", ")}.`,
    title: {
      text: title,
      subtitle: lines([
        "Test error, a line for each run. Drag over the lower chart to look closer",
      ]),
    },
    data: { values: points },
    vconcat: [
      {
        width: 560,
        height: 280,
        layer: [{
          params: [chooseByLegend],
          mark: { type: "line", clip: true, strokeWidth: 1.5 },
          encoding: {
            ...lineOf("Test error, %", { param: "marked" }),
            opacity: fade(0.8),
            tooltip: [
              { field: "series", title: "Method" },
              { field: "noise", title: "Wrong labels, %" },
              { field: "seed", title: "Seed" },
              { field: "epoch", title: "Epoch" },
              { field: "error", title: "Test error, %" },
            ],
          },
        }],
      },
      {
        width: 560,
        height: 60,
        params: [{ name: "marked", select: { type: "interval", encodings: ["x"] } }],
        mark: { type: "line", strokeWidth: 1 },
        encoding: { ...lineOf(null), opacity: { value: 0.4 } },
      },
    ],
    config: theme,
  };
}
