import {
  crossMark,
  INTERVAL_MARK,
  POINT_LEGEND,
  seriesColor,
  seriesShape,
  testErrorAxis,
  TIP,
} from "./_encodings.ts";
import type { Series } from "./_series.ts";
import { chooseByLegend, fade, type Layer, type Panel } from "./_spec.ts";
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
  /** End of the error axis, the same for panels side by side. */
  readonly maxError: number;
  /** Panels side by side, which share the figure's width. */
  readonly count: number;
  /** One panel of a figure carries the selection by legend. */
  readonly first: boolean;
}

/** Means with intervals, joined by lines, over the runs they are made of. */
export function noisePanel(options: NoisePanelOptions): Panel {
  const { choice, points, series, rates, first } = options;
  const place = placeOf(series, rates);
  const means = options.means.map((mean) => ({ ...mean, place: place(mean) }));
  const runs = points.map((point) => ({ ...point, place: place(point) }));
  const ended = runs.filter(({ diverged }) => !diverged);
  const lost = runs.filter(({ diverged }) => diverged);
  const spread = means.filter(({ low }) => low !== undefined);
  const encoding = encodingOf(options);
  const { y } = encoding;
  const run = [TIP.method, TIP.noise, TIP.seed, TIP.epoch, TIP.error];
  const lines: Layer = {
    data: { values: means },
    mark: { type: "line", strokeWidth: 2 },
    // At the rates themselves: beside them, lines of equal means would lie one above the other.
    encoding: { ...encoding, x: { ...encoding.x, field: "noise" }, opacity: fade(0.75) },
  };
  const seedDots: Layer = {
    data: { values: ended },
    mark: { type: "circle", size: 24 },
    encoding: { ...encoding, opacity: fade(0.4), tooltip: run },
  };
  const intervals: Layer = {
    data: { values: spread },
    mark: INTERVAL_MARK,
    encoding: { ...encoding, y: { ...y, field: "low" }, y2: { field: "high" }, opacity: fade(1) },
  };
  const marks: Layer = {
    data: { values: means },
    ...(first && { params: [chooseByLegend] }),
    mark: { type: "point", size: 80, filled: true },
    encoding: {
      ...encoding,
      shape: seriesShape(series, POINT_LEGEND),
      opacity: fade(1),
      tooltip: [TIP.method, TIP.noise, { field: "text", title: "Test error, %" }],
    },
  };
  const crosses: Layer = {
    data: { values: lost },
    mark: crossMark(60),
    encoding: { ...encoding, opacity: fade(1), tooltip: run },
  };
  return {
    title: { text: CHOICES[choice], fontSize: 14, fontWeight: "normal", offset: 8 },
    width: (FIGURE_WIDTH - 75 * options.count) / options.count,
    height: 230,
    layer: [
      lines,
      ...ended.length > 0 ? [seedDots] : [],
      ...spread.length > 0 ? [intervals] : [],
      marks,
      ...lost.length > 0 ? [crosses] : [],
    ],
  };
}

/** Both axes and the colour of a series. */
function encodingOf({ series, rates, maxError }: NoisePanelOptions) {
  const values = rates.map((rate) => 100 * rate);
  const pad = 0.6 * gap(rates);
  return {
    x: {
      field: "place",
      type: "quantitative" as const,
      title: "Wrong training labels, %",
      scale: { domain: [values[0]! - pad, values.at(-1)! + pad], nice: false, zero: false },
      axis: { values, grid: false, labelFlush: false },
    },
    y: testErrorAxis({ scale: { domain: [0, maxError], nice: false }, axis: { tickCount: 6 } }),
    color: seriesColor(series, POINT_LEGEND),
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

/** The smallest distance between two rates, in per cent; 20 if there is only one rate. */
function gap(rates: readonly number[]): number {
  const gaps = rates.slice(1).map((rate, i) => 100 * (rate - rates[i]!));
  return gaps.length > 0 ? Math.min(...gaps) : 20;
}
