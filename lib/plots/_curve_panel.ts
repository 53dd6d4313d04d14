import type { Condition } from "./_conditions.ts";
import { colorScale, type Series } from "./_series.ts";
import { chooseByLegend, CROSS, fade, type Layer, type Panel } from "./_spec.ts";
import { FIGURE_WIDTH, INK } from "./theme.ts";

/** What tells one panel of the training curves from the others. */
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
  /** One panel of a figure carries the selection by legend. */
  readonly first: boolean;
}

const TITLES = { loss: "Loss (cross-entropy)", error: "Error, %" };
const FORMATS = { loss: ".3f", error: ".2f" };

/**
 * Lines with their bands over the datasets `curves` and `diverged`, and a rule that follows the
 * pointer and tells every value at its epoch.
 */
export function curvePanel(options: CurvePanelOptions): Panel {
  const { metric, condition, series, maxEpoch, maxValue, first } = options;
  const x = {
    field: "epoch",
    type: "quantitative",
    title: "Epoch",
    scale: { domain: [0, maxEpoch] as number[], nice: false },
    axis: {
      tickMinStep: 1,
      tickCount: Math.min(5, maxEpoch),
      format: "d",
      grid: false,
      labelFlush: false,
    },
  } as const;
  const y = {
    field: metric,
    type: "quantitative",
    title: TITLES[metric],
    scale: { domain: [0, maxValue] as number[], nice: true, clamp: true },
    axis: { tickCount: 5 },
  } as const;
  const color = {
    field: "series",
    type: "nominal",
    title: null,
    scale: colorScale(series),
    legend: { symbolType: "stroke", symbolOpacity: 1 },
  } as const;
  const split = {
    field: "split",
    type: "nominal",
    title: null,
    scale: { domain: ["train", "test"] as string[], range: [[4, 3], [1, 0]] as number[][] },
  } as const;
  // One epoch makes no line: its two errors are told apart by their shapes.
  const looks = maxEpoch > 1 ? { strokeDash: split } : {
    shape: { ...split, scale: { domain: split.scale.domain, range: ["triangle-up", "circle"] } },
  };
  const curves = {
    data: { name: "curves" },
    transform: [{ filter: { field: "condition", equal: condition.key } }],
  };
  const band: Layer = {
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
  };
  const line: Layer = {
    ...curves,
    ...(first && { params: [chooseByLegend] }),
    mark: maxEpoch > 1 ? { type: "line", strokeWidth: 2 } : { type: "point", size: 60 },
    encoding: { x, y, color, ...looks, opacity: fade(1) },
  };
  const diverged = {
    data: { name: "diverged" },
    transform: [{ filter: { field: "condition", equal: condition.key } }],
  };
  const lost: Layer[] = [
    {
      ...diverged,
      mark: { type: "line", strokeWidth: 1 },
      encoding: { x, y, color, strokeDash: split, detail: { field: "seed" }, opacity: fade(0.7) },
    },
    {
      ...diverged,
      transform: [...diverged.transform, { filter: "datum.end" }],
      mark: { type: "point", shape: CROSS, size: 70, strokeWidth: 2.5 },
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
  const hasLost = condition.runs.some((run) => run.diverged);
  return {
    width: (FIGURE_WIDTH - 150) / 2,
    height: 190,
    layer: [band, line, pointerRule(options, x), ...(hasLost ? lost : [])],
  };
}

/** A vertical rule at the epoch under the pointer, whose tooltip lists every curve's value there. */
function pointerRule(
  { metric, condition, series, name }: CurvePanelOptions,
  x: { readonly field: string; readonly type: "quantitative" },
): Layer {
  const hover = `hover_${name}`;
  // Curves are numbered for the pivot: a label such as "SAM, ρ = 0.1" is no legal field name.
  const labels = JSON.stringify(series.map(({ label }) => label));
  return {
    data: { name: "curves" },
    transform: [
      { filter: { field: "condition", equal: condition.key } },
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
        { field: "epoch", title: "Epoch" },
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
