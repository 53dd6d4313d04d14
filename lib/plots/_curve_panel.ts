import type { Condition } from "./_conditions.ts";
import { crossMark, epochAxis, seriesColor, TIP } from "./_encodings.ts";
import type { Series } from "./_series.ts";
import { chooseByLegend, fade, type Layer, type Panel } from "./_spec.ts";
import { FIGURE_WIDTH, INK } from "./theme.ts";

/** What distinguishes one panel of the training curves from the others. */
export interface CurvePanelOptions {
  readonly metric: "loss" | "error";
  readonly condition: Condition;
  /** All series of the figure, for scales and tooltips that are the same in every panel. */
  readonly series: readonly Series[];
  readonly maxEpoch: number;
  /** Where the vertical axis ends; what lies beyond is drawn on its edge. */
  readonly maxValue: number;
  /** Unique in the figure. */
  readonly name: string;
  /** Whether curves need marks at their epochs: one with a single epoch makes no line. */
  readonly hasPoints: boolean;
  /** One panel of a figure carries the selection by legend. */
  readonly first: boolean;
}

const TITLES = { loss: "Loss (cross-entropy)", error: "Error, %" };
const FORMATS = { loss: ".3f", error: ".2f" };

/**
 * Lines with their bands over the datasets `curves` and `diverged`, and a rule that follows the
 * pointer and shows every value at its epoch.
 */
export function curvePanel(options: CurvePanelOptions): Panel {
  const { condition } = options;
  const encoding = encodingOf(options);
  const hasLost = condition.runs.some((run) => run.diverged);
  return {
    width: (FIGURE_WIDTH - 150) / 2,
    height: 190,
    layer: [
      ...meanCurves(options, encoding),
      pointerRule(options, encoding),
      ...(hasLost ? divergedCurves(options, encoding) : []),
    ],
  };
}

type CurveEncoding = ReturnType<typeof encodingOf>;

/** Both axes, the colour of a series and the dashes of a split. */
function encodingOf({ metric, series, maxEpoch, maxValue }: CurvePanelOptions) {
  return {
    x: epochAxis({
      scale: { domain: [0, maxEpoch], nice: false },
      tickCount: Math.min(5, maxEpoch),
      labelFlush: false,
    }),
    y: {
      field: metric,
      type: "quantitative",
      title: TITLES[metric],
      scale: { domain: [0, maxValue] as number[], nice: true, clamp: true },
      axis: { tickCount: 5 },
    },
    // It shares the line with the legend of the splits.
    color: seriesColor(series, {
      symbolType: "stroke",
      symbolOpacity: 1,
      room: FIGURE_WIDTH - 150,
    }),
    split: {
      field: "split",
      type: "nominal",
      title: null,
      scale: { domain: ["train", "test"] as string[], range: [[4, 3], [1, 0]] as number[][] },
    },
  } as const;
}

/** The records of one of the figure's datasets that belong to a condition. */
function recordsOf(name: "curves" | "diverged", condition: Condition) {
  return {
    data: { name },
    transform: [{ filter: { field: "condition", equal: condition.key } }],
  };
}

/** The bands from the lowest to the highest seed, and the means above them. */
function meanCurves(
  { metric, condition, maxEpoch, hasPoints, first }: CurvePanelOptions,
  { x, y, color, split }: CurveEncoding,
): Layer[] {
  const curves = recordsOf("curves", condition);
  // A single epoch makes no line: its two errors are told apart by their shapes.
  const looks = maxEpoch > 1 ? { strokeDash: split } : {
    shape: { ...split, scale: { domain: split.scale.domain, range: ["triangle-up", "circle"] } },
  };
  return [
    {
      ...curves,
      mark: "area",
      encoding: {
        x,
        y: { ...y, field: `${metric}Low` },
        y2: { field: `${metric}High` },
        color,
        detail: { field: "split" },
        opacity: fade(0.18),
      },
    },
    {
      ...curves,
      ...(first && { params: [chooseByLegend] }),
      mark: maxEpoch > 1
        ? { type: "line", strokeWidth: 2, ...hasPoints && { point: { size: 40 } } }
        : { type: "point", size: 60 },
      encoding: { x, y, color, ...looks, opacity: fade(1) },
    },
  ];
}

/** Each diverged run by itself, with a cross where its numbers end. */
function divergedCurves(
  { condition }: CurvePanelOptions,
  { x, y, color, split }: CurveEncoding,
): Layer[] {
  const diverged = recordsOf("diverged", condition);
  return [
    {
      ...diverged,
      mark: { type: "line", strokeWidth: 1 },
      encoding: { x, y, color, strokeDash: split, detail: { field: "seed" }, opacity: fade(0.7) },
    },
    {
      ...diverged,
      transform: [...diverged.transform, { filter: "datum.end" }],
      mark: crossMark(70),
      encoding: {
        x,
        y,
        color,
        opacity: fade(1),
        tooltip: [
          { field: "series", title: "Diverged" },
          { field: "seed", title: "Seed" },
          { field: "epoch", title: "Last finite epoch" },
        ],
      },
    },
  ];
}

/** A vertical rule at the epoch under the pointer, whose tooltip lists every curve's value there. */
function pointerRule(
  { metric, condition, series, name }: CurvePanelOptions,
  { x }: CurveEncoding,
): Layer {
  const hover = `hover_${name}`;
  const { data, transform } = recordsOf("curves", condition);
  // Curves are numbered for the pivot: a label such as "SAM, ρ = 0.1" is no legal field name.
  const labels = JSON.stringify(series.map(({ label }) => label));
  return {
    data,
    transform: [
      ...transform,
      { calculate: `datum.split + indexof(${labels}, datum.series)`, as: "curve" },
      { pivot: "curve", value: metric, groupby: ["epoch"] },
    ],
    params: [{
      name: hover,
      select: {
        type: "point",
        fields: ["epoch"],
        nearest: true,
        on: "pointerover",
        clear: "pointerout",
      },
    }],
    mark: { type: "rule", color: INK.rule },
    encoding: {
      x,
      opacity: { condition: { param: hover, empty: false, value: 1 }, value: 0 },
      tooltip: [
        TIP.epoch,
        ...series.flatMap(({ label }, i) =>
          ["train", "test"].map((split) => ({
            field: `${split}${i}`,
            title: `${label}, ${split}`,
            type: "quantitative" as const,
            format: FORMATS[metric],
          }))
        ),
      ],
    },
  };
}
