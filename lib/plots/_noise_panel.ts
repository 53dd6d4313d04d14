import { colorScale, type Series, shapeScale } from "./_series.ts";
import { chooseByLegend, CROSS, fade, type Layer, type Panel } from "./_spec.ts";
import { CHOICES } from "./_text.ts";
import type { EpochChoice } from "./select_epochs.ts";
import { FIGURE_WIDTH } from "./theme.ts";

/** The mean of one method at one noise rate; shares in per cent. */
export interface NoiseMean {
  readonly condition: string;
  readonly choice: EpochChoice;
  readonly series: string;
  readonly noise: number;
  readonly error: number;
  readonly low?: number;
  readonly high?: number;
  readonly text: string;
}

/** One run at its noise rate; shares in per cent. */
export interface NoisePoint {
  readonly choice: EpochChoice;
  readonly series: string;
  readonly noise: number;
  readonly error: number;
  readonly seed: number;
  readonly epoch: number;
  readonly diverged: boolean;
}

/** What one panel is made of. */
export interface NoisePanelOptions {
  readonly choice: EpochChoice;
  readonly means: readonly NoiseMean[];
  readonly points: readonly NoisePoint[];
  readonly series: readonly Series[];
  /** All noise rates of the figure, as fractions, ascending. */
  readonly rates: readonly number[];
  /** End of the error axis, the same for panels that stand side by side. */
  readonly maxError: number;
  /** One panel of a figure carries the selection by legend. */
  readonly first: boolean;
}

/** Means with intervals, joined by lines, over the runs they are made of. */
export function noisePanel(options: NoisePanelOptions): Panel {
  const { choice, points, series, rates, maxError, first } = options;
  const place = placeOf(series, rates);
  const means = options.means.map((mean) => ({ ...mean, place: place(mean) }));
  const runs = points.map((point) => ({ ...point, place: place(point) }));
  const values = rates.map((rate) => 100 * rate);
  const pad = 0.6 * gap(rates);
  const x = {
    field: "place",
    type: "quantitative" as const,
    title: "Wrong training labels, %",
    scale: { domain: [values[0]! - pad, values.at(-1)! + pad], nice: false, zero: false },
    axis: { values, grid: false, labelFlush: false },
  };
  const y = {
    field: "error",
    type: "quantitative" as const,
    title: "Test error, %",
    scale: { domain: [0, maxError], nice: false },
    axis: { tickCount: 6 },
  };
  const color = {
    field: "series",
    type: "nominal" as const,
    title: null,
    scale: colorScale(series),
    legend: { symbolOpacity: 1 },
  };
  const told = [
    { field: "series", title: "Method" },
    { field: "noise", title: "Wrong labels, %" },
  ];
  const run = [
    ...told,
    { field: "seed", title: "Seed" },
    { field: "epoch", title: "Epoch" },
    { field: "error", title: "Test error, %" },
  ];
  const lines: Layer = {
    data: { values: means },
    mark: { type: "line", strokeWidth: 2 },
    encoding: { x, y, color, opacity: fade(0.75) },
  };
  const intervals: Layer = {
    data: { values: means.filter(({ low }) => low !== undefined) },
    mark: { type: "rule", strokeWidth: 2, clip: true },
    encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color, opacity: fade(1) },
  };
  const seedDots: Layer = {
    data: { values: runs.filter(({ diverged }) => !diverged) },
    mark: { type: "circle", size: 24 },
    encoding: { x, y, color, opacity: fade(0.4), tooltip: run },
  };
  const marks: Layer = {
    data: { values: means },
    ...(first && { params: [chooseByLegend] }),
    mark: { type: "point", size: 80, filled: true },
    encoding: {
      x,
      y,
      color,
      shape: { ...color, scale: shapeScale(series) },
      opacity: fade(1),
      tooltip: [...told, { field: "text", title: "Test error, %" }],
    },
  };
  const crosses: Layer = {
    data: { values: runs.filter(({ diverged }) => diverged) },
    mark: { type: "point", shape: CROSS, size: 60, strokeWidth: 2.5 },
    encoding: { x, y, color, opacity: fade(1), tooltip: run },
  };
  return {
    title: { text: CHOICES[choice], fontSize: 14, fontWeight: "normal", offset: 8 },
    width: (FIGURE_WIDTH - 150) / 2,
    height: 230,
    layer: [
      lines,
      ...runs.some(({ diverged }) => !diverged) ? [seedDots] : [],
      ...means.some(({ low }) => low !== undefined) ? [intervals] : [],
      marks,
      ...runs.some(({ diverged }) => diverged) ? [crosses] : [],
    ],
  };
}

/** Puts the series of one rate side by side, so that their intervals do not hide one another. */
function placeOf(series: readonly Series[], rates: readonly number[]) {
  const step = Math.min(2, 0.4 * gap(rates) / series.length);
  return ({ series: label, noise }: { series: string; noise: number }): number => {
    const index = series.findIndex((one) => one.label === label);
    return Number((noise + step * (index - (series.length - 1) / 2)).toFixed(3));
  };
}

/** The smallest distance between two rates, in per cent; 20 if there is one rate only. */
function gap(rates: readonly number[]): number {
  const gaps = rates.slice(1).map((rate, i) => 100 * (rate - rates[i]!));
  return gaps.length > 0 ? Math.min(...gaps) : 20;
}
