import type { TopLevelSpec } from "vega-lite";
import { epochAxis, seriesColor, testErrorAxis, TIP } from "./_encodings.ts";
import { type Series, seriesOf, seriesOfRun } from "./_series.ts";
import { chooseByLegend, fade, SCHEMA } from "./_spec.ts";
import { compact, lines } from "./_text.ts";
import { groupRuns, type PlottedRow, type Run } from "./select_epochs.ts";
import { theme } from "./theme.ts";

/** What `curveExplorer` lets one choose. */
export interface CurveExplorerOptions {
  readonly title?: string;
}

/**
 * Test error of every single run against epoch, over an overview in which the reader marks the
 * epochs to look at. Nothing is averaged; a diverged run ends where its numbers do.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { curveExplorer } from "sam/plots";
 *
 * const epoch = { dataset: "mine", model: "WRN-10-1", labelNoise: 0, seed: 0, epoch: 1 };
 * const losses = { trainLoss: 0.9, trainError: 0.2, testLoss: 1 };
 * const rows = [
 *   { ...epoch, ...losses, method: "SGD", rho: 0, testError: 0.3 },
 *   { ...epoch, ...losses, method: "SAM", rho: 0.05, testError: 0.24 },
 * ];
 * assertStringIncludes(String(curveExplorer(rows).description), "of 2 runs, SGD, SAM");
 * ```
 */
export function curveExplorer(
  rows: readonly PlottedRow[],
  { title = "Every run" }: CurveExplorerOptions = {},
): TopLevelSpec {
  const runs = groupRuns(rows);
  const series = seriesOf(runs);
  const points = pointsOf(runs, series);
  const encoding = encodingOf(points, series);
  const { x, y } = encoding;
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
            ...encoding,
            x: { ...x, scale: { domain: { param: "marked" }, nice: false } },
            opacity: fade(0.8),
            tooltip: [TIP.method, TIP.noise, TIP.seed, TIP.epoch, TIP.error],
          },
        }],
      },
      {
        width: 560,
        height: 60,
        params: [{ name: "marked", select: { type: "interval", encodings: ["x"] } }],
        mark: { type: "line", strokeWidth: 1 },
        encoding: { ...encoding, y: { ...y, title: null }, opacity: { value: 0.4 } },
      },
    ],
    config: theme,
  };
}

/** One epoch of one run; shares in per cent. */
interface Point {
  readonly run: number;
  readonly series: string;
  readonly seed: number;
  readonly noise: number;
  readonly epoch: number;
  readonly error: number;
}

function pointsOf(runs: readonly Run[], series: readonly Series[]): Point[] {
  return runs.flatMap((run, index) =>
    run.rows.filter(({ testError }) => Number.isFinite(testError)).map((row) => ({
      run: index,
      series: seriesOfRun(series, run).label,
      seed: row.seed,
      noise: compact(100 * row.labelNoise),
      epoch: row.epoch,
      error: compact(100 * row.testError),
    }))
  );
}

/** A line for each run: both axes, and the colour of its series. */
function encodingOf(points: readonly Point[], series: readonly Series[]) {
  const epochs = Math.max(2, ...points.map(({ epoch }) => epoch));
  return {
    x: epochAxis({ tickCount: Math.min(10, epochs - 1) }),
    y: testErrorAxis({ scale: { zero: false } }),
    detail: { field: "run" },
    color: seriesColor(series),
  };
}
