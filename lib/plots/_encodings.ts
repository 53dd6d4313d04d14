import type { Series } from "./_series.ts";
import { CROSS } from "./_spec.ts";
import { measureText } from "./_text_metrics.ts";
import { FIGURE_WIDTH } from "./theme.ts";

/** What a legend of series looks like beyond its labels. */
interface SeriesLegend {
  readonly symbolType?: "stroke";
  /** Keeps the symbols solid where the marks are faded. */
  readonly symbolOpacity?: number;
  /** Pixels that it shares with no other legend. */
  readonly room?: number;
}

/** Colour tells the series apart. */
export function seriesColor(series: readonly Series[], legend: SeriesLegend = {}) {
  return bySeries(series, series.map(({ color }) => color), legend);
}

/** Shape tells the series apart, for those who do not see the colours. */
export function seriesShape(series: readonly Series[], legend: SeriesLegend = {}) {
  return bySeries(series, series.map(({ shape }) => shape), legend);
}

function bySeries(
  series: readonly Series[],
  range: string[],
  { room = FIGURE_WIDTH, ...symbols }: SeriesLegend,
) {
  const domain = series.map(({ label }) => label);
  const columns = columnsOf(domain, room);
  const legend = { ...symbols, ...columns < domain.length && { columns } };
  return {
    field: "series",
    type: "nominal" as const,
    title: null,
    scale: { domain, range },
    ...Object.keys(legend).length > 0 && { legend },
  };
}

/** Pixels of a legend's entry beside its text: symbol, and distance to the next. */
const ENTRY = 47;

/** Entries of a legend that fit side by side, since it does not wrap by itself. */
function columnsOf(labels: readonly string[], room: number): number {
  const widths = labels.map((label) => measureText({ fontSize: 14 }, label) + ENTRY);
  if (widths.reduce((sum, width) => sum + width, 0) <= room) return labels.length;
  const most = Math.max(1, Math.floor(room / Math.max(...widths)));
  // As few lines as that, evenly filled.
  return Math.ceil(labels.length / Math.ceil(labels.length / most));
}

/** A legend of points whose symbols are as solid as if no mark were faded. */
export const POINT_LEGEND = { symbolOpacity: 1 } as const;

/** The test error in per cent along an axis. */
export function testErrorAxis(options: {
  readonly scale: { readonly domain?: number[]; readonly nice?: boolean; readonly zero?: boolean };
  readonly axis?: { readonly tickCount: number; readonly labelFlush?: boolean };
}) {
  return { field: "error", type: "quantitative" as const, title: "Test error, %", ...options };
}

/** The epochs along an axis. */
export function epochAxis(
  { scale, ...axis }: {
    readonly tickCount: number;
    readonly labelFlush?: boolean;
    readonly scale?: { readonly domain: number[]; readonly nice: boolean };
  },
) {
  return {
    field: "epoch",
    type: "quantitative" as const,
    title: "Epoch",
    ...scale && { scale },
    axis: { tickMinStep: 1, format: "d", grid: false, ...axis },
  };
}

/** Lines of a tooltip that mean the same in every figure. */
export const TIP = {
  method: { field: "series", title: "Method" },
  noise: { field: "noise", title: "Wrong labels, %" },
  seed: { field: "seed", title: "Seed" },
  epoch: { field: "epoch", title: "Epoch" },
  error: { field: "error", title: "Test error, %" },
  seeds: { field: "seeds", title: "Seeds" },
} as const;

/** A run that diverged. */
export function crossMark(size: number) {
  return { type: "point" as const, shape: CROSS, size, strokeWidth: 2.5 };
}

/** The interval of a mean; what sticks out of the axis is cut off. */
export const INTERVAL_MARK = { type: "rule", strokeWidth: 2, clip: true } as const;
