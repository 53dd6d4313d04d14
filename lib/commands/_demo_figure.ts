import type { TopLevelSpec } from "vega-lite";
import { groupRuns, methodColor, theme } from "../plots/mod.ts";
import type { EpochRow } from "../train/mod.ts";
import { endedRows, epochsOf, METHODS } from "./_demo_runs.ts";
import { demoFindings } from "./_demo_words.ts";

const SOURCES = ["recorded", "here"];

const PANEL_TITLE = { fontSize: 14, fontWeight: "normal", offset: 8 } as const;

/** Looks of recorded runs, and of those here; the subtitle tells them. */
const LINES = [{ strokeWidth: 1.2, opacity: 0.6 }, { strokeWidth: 4 }];
const POINTS = [
  { shape: "circle", size: 60, opacity: 0.6 },
  { shape: "diamond", size: 220, opacity: 1 },
];

/** A test error to be drawn, in per cent. */
interface Point {
  readonly method: string;
  readonly source: string;
  readonly seed: number;
  readonly epoch: number;
  readonly error: number;
}

/**
 * Test error by epoch and after the last one, of recorded runs (thin lines, circles) and of those of
 * this machine (thick lines, diamonds), which may be under way.
 *
 * @param epochs of SAM's whole run
 */
export function demoFigure(
  recorded: readonly EpochRow[],
  here: readonly EpochRow[],
  epochs: number,
): TopLevelSpec {
  const lines = [pointsOf(recorded, "recorded"), pointsOf(here, "here")];
  const said = [
    ...demoFindings(recorded).map((words) => `Recorded. ${words}`),
    ...demoFindings(endedRows(here, epochs)).map((words) => `Here. ${words}`),
  ];
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
    description: ["Test error of recorded runs and of those here", ...said].join(". "),
    title: {
      text: "Test error of SGD and SAM where labels are wrong",
      subtitle: "Thin lines and circles are recorded, thick lines and diamonds were trained here",
    },
    spacing: 24,
    hconcat: [errorByEpoch(lines, epochs), errorAfterLast(lines, epochs)],
    config: theme,
  };
}

const ERROR = {
  field: "error",
  type: "quantitative" as const,
  title: "Test error, %",
  scale: { domain: [0, 100] },
};
const COLOR = {
  field: "method",
  type: "nominal" as const,
  title: null,
  scale: { domain: [...METHODS], range: METHODS.map((method) => methodColor(method)) },
  legend: { orient: "bottom" as const },
};
const TOOLTIP = ["method", "source", "seed", "epoch", "error"].map((field) => ({ field }));

/** @param lines the points of each source */
function errorByEpoch(lines: readonly Point[][], epochs: number) {
  const longest = Math.max(...METHODS.map((method) => epochsOf(method, epochs)));
  return {
    title: { text: "By epoch", ...PANEL_TITLE },
    width: 350,
    height: 300,
    encoding: {
      x: {
        field: "epoch",
        type: "quantitative" as const,
        title: "Epoch",
        scale: { domain: [1, longest], nice: false },
        axis: { grid: false },
      },
      y: ERROR,
      color: COLOR,
      detail: { field: "seed" },
      tooltip: TOOLTIP,
    },
    layer: lines.map((values, index) => ({
      data: { values },
      mark: { type: "line" as const, ...LINES[index]! },
    })),
  };
}

/** @param lines the points of each source */
function errorAfterLast(lines: readonly Point[][], epochs: number) {
  return {
    title: { text: "After the last epoch", ...PANEL_TITLE },
    width: 210,
    height: 300,
    encoding: {
      x: {
        field: "method",
        type: "nominal" as const,
        title: null,
        sort: [...METHODS],
        axis: { labelAngle: 0, labelExpr: "split(datum.label, ', ')" },
      },
      xOffset: { field: "source", type: "nominal" as const, scale: { domain: SOURCES } },
      y: { ...ERROR, title: null },
      color: COLOR,
      tooltip: TOOLTIP,
    },
    layer: lines.map((values, index) => ({
      data: { values: values.filter(({ method, epoch }) => epoch === epochsOf(method, epochs)) },
      mark: { type: "point" as const, filled: true, ...POINTS[index]! },
    })),
  };
}

function pointsOf(rows: readonly EpochRow[], source: string): Point[] {
  if (rows.length === 0) return [];
  return groupRuns(rows).flatMap(({ method, seed, rows }) =>
    rows.map(({ epoch, testError }) => ({
      method,
      source,
      seed,
      epoch,
      error: Number((100 * testError).toFixed(2)),
    }))
  );
}
