import {
  crossMark,
  INTERVAL_MARK,
  POINT_LEGEND,
  seriesColor,
  seriesShape,
  testErrorAxis,
  TIP,
} from "./_encodings.ts";
import type { MeanError, RunError } from "./_errors.ts";
import { type MarkedAxis, placesOf } from "./_places.ts";
import type { Series } from "./_series.ts";
import { chooseByLegend, fade, type Layer, type Panel } from "./_spec.ts";
import { FIGURE_WIDTH, INK } from "./theme.ts";

/** Whose error it is, and at which value of the x axis. */
interface Placed {
  readonly series: string;
  readonly at: number;
}

/** The mean of one method at one value. */
export interface PlacedMean extends MeanError, Placed {
  /** Whether its mark is drawn hollow. */
  readonly hollow?: boolean;
  /** What may be said of it beside the baseline, where there is one. */
  readonly finding?: string;
}

/** One run at its value. */
export type PlacedRun = RunError & Placed;

/** What one panel is made of. */
export interface ErrorPanelOptions {
  readonly title: string;
  readonly x: MarkedAxis;
  readonly means: readonly PlacedMean[];
  readonly runs: readonly PlacedRun[];
  readonly series: readonly Series[];
  /** Ends of the error axis in per cent, the same for panels side by side of one condition. */
  readonly errors: [number, number];
  /** Pixels from one to the other. */
  readonly height: number;
  /** Panels side by side, which share the figure's width. */
  readonly count: number;
  /** One panel of a figure carries the selection by legend. */
  readonly first: boolean;
}

/** Mean test errors with intervals, joined by lines, over the runs they are made of. */
export function errorPanel(options: ErrorPanelOptions): Panel {
  const { title, x, series, first, height } = options;
  const width = (FIGURE_WIDTH - 75 * options.count) / options.count;
  const { domain, place } = placesOf(x, series, width);
  const placed = <T extends Placed>(one: T) => ({ ...one, place: place(one.at, one.series) });
  const isCompared = options.means.some(({ finding }) => finding !== undefined);
  const means = options.means.map((mean) => ({
    ...isCompared && { finding: "–" },
    ...placed(mean),
  }));
  const runs = options.runs.map(placed);
  const ended = runs.filter(({ diverged }) => !diverged);
  const lost = runs.filter(({ diverged }) => diverged);
  const spread = means.filter(({ low }) => low !== undefined);
  const encoding = encodingOf(options, domain);
  const { y } = encoding;
  const value = { field: "at", title: x.title };
  const run = [TIP.method, value, TIP.seed, TIP.epoch, TIP.error];
  const lines: Layer = {
    data: { values: means },
    mark: { type: "line", strokeWidth: 2 },
    // At the values themselves: beside them, lines of equal means would lie one above the other.
    encoding: { ...encoding, x: { ...encoding.x, field: "at" }, opacity: fade(0.75) },
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
  const tooltip = [
    ...[TIP.method, value, { field: "text", title: "Test error, %" }],
    ...isCompared ? [{ field: "finding", title: "It is" }] : [],
  ];
  const marks = (hollow: boolean): Layer => ({
    data: { values: means.filter((mean) => Boolean(mean.hollow) === hollow) },
    ...(first && !hollow && { params: [chooseByLegend] }),
    mark: {
      type: "point",
      size: 80,
      filled: !hollow,
      ...hollow && { fill: INK.paper, strokeWidth: 2 },
    },
    encoding: {
      ...encoding,
      shape: seriesShape(series, POINT_LEGEND),
      opacity: fade(1),
      tooltip,
    },
  });
  const crosses: Layer = {
    data: { values: lost },
    mark: crossMark(60),
    encoding: { ...encoding, opacity: fade(1), tooltip: run },
  };
  return {
    title: { text: title, fontSize: 14, fontWeight: "normal", offset: 8 },
    width,
    height,
    layer: [
      lines,
      ...ended.length > 0 ? [seedDots] : [],
      ...spread.length > 0 ? [intervals] : [],
      marks(false),
      ...means.some(({ hollow }) => hollow) ? [marks(true)] : [],
      ...lost.length > 0 ? [crosses] : [],
    ],
  };
}

/** Both axes and the colour of a series. */
function encodingOf({ x, series, errors }: ErrorPanelOptions, domain: [number, number]) {
  return {
    x: {
      field: "place",
      type: "quantitative" as const,
      title: x.title,
      scale: {
        domain,
        nice: false,
        ...x.scale === "log" ? { type: "log" as const } : { zero: false },
      },
      axis: {
        values: [...x.values],
        grid: false,
        labelFlush: false,
        // The scale's own format would round to as many digits as so few ticks need.
        labelExpr: "format(datum.value, ',')",
      },
    },
    y: testErrorAxis({
      scale: { domain: errors, nice: false, ...errors[0] > 0 && { zero: false } },
      axis: { tickCount: 6 },
    }),
    color: seriesColor(series, POINT_LEGEND),
  };
}
