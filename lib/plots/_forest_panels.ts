import { axisRange } from "./_axis_range.ts";
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
import { chooseByLegend, type Encoding, fade, type Layer, type Panel } from "./_spec.ts";
import { measureText } from "./_text_metrics.ts";
import { INK } from "./theme.ts";

/** One line of a forest plot: a method under a condition. Errors in per cent. */
export interface ForestLane {
  /** What the lanes of one group have in common; lines divided by "\n". */
  readonly group: string;
  readonly series: string;
  /** Absent where every run diverged. */
  readonly error?: number;
  readonly low?: number;
  readonly high?: number;
  readonly errorText: string;
  readonly reductionText: string;
  /** Whether `reductionText` states a reduction. */
  readonly compared: boolean;
  /** Whether pairs of runs tell it from none, where there are pairs: only then it is emphasised. */
  readonly said?: "told apart" | "not told apart";
}

/** One run in its lane. */
export interface ForestDot {
  readonly group: string;
  readonly series: string;
  readonly seed: number;
  readonly epoch: number;
  readonly error: number;
  readonly diverged: boolean;
}

/** What the panels of one block are made of. */
export interface ForestOptions {
  readonly lanes: readonly ForestLane[];
  readonly dots: readonly ForestDot[];
  readonly series: readonly Series[];
  /** Whether this block carries the selection by legend. */
  readonly first: boolean;
  /** Filled marks for what was measured, hollow ones for what was not. */
  readonly measured: boolean;
  /** Width of the labels, the same in all blocks. */
  readonly labels: number;
}

/** Heights of a lane and of a label's line. */
const STEP = 26;
const LINE = 17;

/** Pixels that the labels need, of the 380 that they share with the plot. */
export function labelWidth(lanes: readonly ForestLane[]): number {
  const lines = lanes.flatMap(({ group }) => group.split("\n"));
  const widths = lines.map((line) => measureText({ fontSize: 14 }, line));
  return Math.min(200, Math.ceil(Math.max(...widths)) + 8);
}

/** The position of a lane's mark: its group, and its place in the group. */
type Place = Pick<Encoding, "y" | "yOffset">;

/** Height of a lane: a group's lanes are as high as its label. */
function laneHeight(lanes: readonly ForestLane[]): number {
  const groups = [...Map.groupBy(lanes, ({ group }) => group)];
  const most = Math.max(...groups.map(([, { length }]) => length));
  const labels = Math.max(...groups.map(([group]) => group.split("\n").length));
  return Math.max(STEP, Math.ceil(LINE * labels / most));
}

/** The plot with its labels, and the two columns of figures beside it. */
export function forestPanels(options: ForestOptions): Panel[] {
  const { lanes, series, labels } = options;
  const used = series.map(({ label }) => label).filter((label) =>
    lanes.some((lane) => lane.series === label)
  );
  const groups = [...new Set(lanes.map((lane) => lane.group))];
  const y = {
    field: "group",
    type: "nominal" as const,
    title: null,
    scale: { domain: groups, paddingInner: 0.25, paddingOuter: 0.12 },
  };
  const yOffset = {
    field: "series",
    type: "nominal" as const,
    scale: { domain: used, padding: 0.5 },
  };
  const axis = {
    labelExpr: "split(datum.label, '\\n')",
    labelLineHeight: LINE,
    // Vega centres the first line of a label; this centres all of them.
    labelOffset: -LINE / 2 * (Math.max(...groups.map((group) => group.split("\n").length)) - 1),
    minExtent: labels,
    maxExtent: labels,
    labelLimit: labels,
    domain: false,
    ticks: false,
  };
  const place = { y: { ...y, axis }, yOffset };
  const bare = { y: { ...y, axis: null }, yOffset };
  const height = { step: laneHeight(lanes) };
  return [
    { width: 380 - labels, height, layer: marks(options, place) },
    column("Error, %", "errorText", 100, bare, { lanes, height }),
    column("Reduction", "reductionText", 120, bare, { lanes, height }),
  ];
}

/** Runs as dots, intervals, means, and crosses for diverged runs: the later lie above. */
function marks(
  { lanes, dots, series, first, measured }: ForestOptions,
  place: Place,
): Layer[] {
  const encoding = {
    ...place,
    x: testErrorAxis({
      scale: { domain: errorRange(lanes, dots), nice: false, zero: false },
      axis: { tickCount: 4, labelFlush: false },
    }),
    color: seriesColor(series, POINT_LEGEND),
  };
  const ended = dots.filter(({ diverged }) => !diverged);
  const lost = dots.filter(({ diverged }) => diverged);
  const spread = lanes.filter(({ low }) => low !== undefined);
  return [
    ...ended.length > 0 ? [runMarks(ended, { type: "circle", size: 28 }, 0.4, encoding)] : [],
    ...spread.length > 0 ? [intervalMarks(spread, encoding)] : [],
    {
      data: { values: lanes.filter(({ error }) => error !== undefined) },
      ...(first && { params: [chooseByLegend] }),
      mark: {
        type: "point",
        size: 90,
        strokeWidth: 2,
        filled: measured,
        ...!measured && { fill: INK.paper },
      },
      encoding: {
        ...encoding,
        shape: seriesShape(series, POINT_LEGEND),
        opacity: fade(1),
        tooltip: [
          TIP.method,
          { field: "errorText", title: "Test error, %" },
          { field: "reductionText", title: "Reduction" },
        ],
      },
    },
    ...lost.length > 0 ? [runMarks(lost, crossMark(60), 1, encoding)] : [],
  ];
}

/** The ends of the error axis: it need not begin at 0, where small differences would vanish. */
function errorRange(lanes: readonly ForestLane[], dots: readonly ForestDot[]): [number, number] {
  const points = [...lanes, ...dots].flatMap(({ error }) => error ?? []);
  if (points.length === 0) return [0, 100];
  return axisRange(points, lanes.flatMap(({ low, high }) => [low ?? [], high ?? []].flat()), [
    0,
    100,
  ]);
}

/** The positions of the plot's marks along both axes, and their colour. */
type MarkEncoding = Place & {
  readonly x: ReturnType<typeof testErrorAxis>;
  readonly color: ReturnType<typeof seriesColor>;
};

function runMarks(
  dots: readonly ForestDot[],
  mark: Extract<Layer, { mark: unknown }>["mark"],
  opacity: number,
  encoding: MarkEncoding,
): Layer {
  return {
    data: { values: [...dots] },
    mark,
    encoding: {
      ...encoding,
      opacity: fade(opacity),
      tooltip: [TIP.method, TIP.seed, TIP.epoch, TIP.error],
    },
  };
}

function intervalMarks(lanes: readonly ForestLane[], encoding: MarkEncoding): Layer {
  return {
    data: { values: [...lanes] },
    mark: INTERVAL_MARK,
    encoding: {
      ...encoding,
      x: { ...encoding.x, field: "low" },
      x2: { field: "high" },
      opacity: fade(1),
    },
  };
}

/** A column of figures, one in every lane. */
function column(
  title: string,
  field: "errorText" | "reductionText",
  width: number,
  place: Place,
  { lanes, height }: { readonly lanes: readonly ForestLane[]; readonly height: { step: number } },
): Panel {
  return {
    title: { text: title, fontSize: 14, fontWeight: "normal", anchor: "end", offset: 4 },
    width,
    height,
    layer: [{
      data: { values: [...lanes] },
      mark: {
        type: "text",
        align: "right",
        fontSize: 14,
        color: INK.text,
        ...(field === "reductionText" && {
          fontWeight: { expr: "datum.said === 'told apart' ? 'bold' : 'normal'" },
        }),
      },
      encoding: { ...place, x: { value: width }, text: { field }, opacity: fade(1) },
    }],
  };
}
