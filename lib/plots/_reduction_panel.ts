import { INTERVAL_MARK } from "./_encodings.ts";
import type { MeasuredPoint, ReductionPoint } from "./_reduction_points.ts";
import type { Layer, Panel } from "./_spec.ts";
import { swarmLevels } from "./_swarm.ts";
import { lines, percent } from "./_text.ts";
import { measureText } from "./_text_metrics.ts";
import { FIGURE_WIDTH, INK } from "./theme.ts";

/** Pixels: of a label's line, of a lane around it, between data sets, and most of a label's width. */
const [LINE, LANE, APART, MOST] = [17, 9, 10, 250];

/** Pixels between published points, on a level and from one to the next. */
const NEAR = 10;

/** A text beside the plot. */
interface Label {
  readonly y: number;
  readonly text: string;
}

/** The points of a block in their places, and the texts beside them; y in pixels from above. */
export interface ReductionBlock {
  readonly title?: string;
  readonly measured: readonly (MeasuredPoint & { readonly y: number })[];
  readonly published: readonly (ReductionPoint & { readonly y: number })[];
  readonly datasets: readonly Label[];
  readonly labels: readonly Label[];
  /** Where one data set ends and the next begins. */
  readonly borders: readonly number[];
  readonly height: number;
}

/** What both blocks have in common: pixels of the labels and of the plot, and its ends in per cent. */
export interface ReductionFrame {
  readonly plot: number;
  readonly domain: readonly [number, number];
}

/** Where the plot is, between labels of these data sets and of these points. */
export function plotWidth(datasets: readonly string[], labels: readonly string[]): number {
  const widest = (texts: readonly string[], fontWeight?: "bold") =>
    Math.max(0, ...texts.map((text) => measureText({ fontSize: 14, fontWeight }, text)));
  const right = widest(labels.flatMap((label) => lines([label], MOST)));
  return Math.floor(FIGURE_WIDTH - widest(datasets, "bold") - right - 30);
}

/** A lane with its label for each point. */
export function measuredBlock(points: readonly MeasuredPoint[], title?: string): ReductionBlock {
  const heightOf = ({ label }: MeasuredPoint) => lines([label], MOST).length * LINE + LANE;
  return stack(points, title, (group, top) => {
    let end = top;
    const measured = group.map((point) => {
      const height = heightOf(point);
      end += height;
      return { ...point, y: end - height / 2 };
    });
    const labels = measured.map(({ y, label }) => {
      const texts = lines([label], MOST);
      // Vega centres the first line; this centres all of them.
      return { y: y - LINE / 2 * (texts.length - 1), text: texts.join("\n") };
    });
    return { measured, published: [], labels, end };
  });
}

/** A swarm for each data set, and beside it how many points it is made of. */
export function publishedBlock(
  points: readonly ReductionPoint[],
  title: string,
  { plot, domain: [start, end] }: ReductionFrame,
): ReductionBlock {
  return stack(points, title, (group, top) => {
    const at = group.map(({ reduction }) => plot * (reduction - start) / (end - start));
    const levels = swarmLevels(at, NEAR);
    const [above, below] = [Math.min(...levels), Math.max(...levels)];
    const height = Math.max(LINE + LANE, NEAR * (below - above) + LINE);
    const middle = top + height / 2 - NEAR * (above + below) / 2;
    return {
      measured: [],
      published: group.map((point, i) => ({ ...point, y: middle + NEAR * levels[i]! })),
      labels: [{ y: top + height / 2, text: swarmText(group) }],
      end: top + height,
    };
  });
}

/** "12 settings, median 14 %". */
export function swarmText(points: readonly ReductionPoint[]): string {
  const sorted = points.map(({ reduction }) => reduction / 100).sort((a, b) => a - b);
  const middle = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
  return sorted.length === 1
    ? `1 setting, ${percent(middle, 0)}`
    : `${sorted.length} settings, median ${percent(middle, 0)}`;
}

/** Data sets one below the other, each as high as its points need. */
function stack<T extends ReductionPoint>(
  points: readonly T[],
  title: string | undefined,
  placed: (group: readonly T[], top: number) =>
    & Pick<ReductionBlock, "measured" | "published" | "labels">
    & { readonly end: number },
): ReductionBlock {
  let height = 0;
  const rows = Array.from(Map.groupBy(points, ({ dataset }) => dataset), ([text, group]) => {
    const top = height + APART / 2;
    const row = placed(group, top);
    height = row.end + APART / 2;
    return { ...row, border: height, dataset: { text, y: (top + row.end) / 2 } };
  });
  return {
    ...title && { title },
    measured: rows.flatMap(({ measured }) => measured),
    published: rows.flatMap(({ published }) => published),
    datasets: rows.map(({ dataset }) => dataset),
    labels: rows.flatMap(({ labels }) => labels),
    borders: rows.slice(0, -1).map(({ border }) => border),
    height,
  };
}

/** One block as a view. */
export function reductionPanel(
  block: ReductionBlock,
  { plot, domain }: ReductionFrame,
  axisTitle: string | null,
): Panel {
  const { measured, published, datasets, labels, borders, height } = block;
  const y = {
    field: "y",
    type: "quantitative" as const,
    scale: { domain: [0, height], reverse: true, nice: false },
    axis: null,
  };
  const x = {
    field: "reduction",
    type: "quantitative" as const,
    title: axisTitle,
    scale: { domain: [...domain], nice: false },
    axis: { tickCount: 7, labelFlush: false, grid: true },
  };
  const tooltip = [
    ...["dataset", "model", "augmentation", "epochs", "errors"].map((field) => ({
      field,
      title: field[0]!.toUpperCase() + field.slice(1),
    })),
    { field: "text", title: "Reduction" },
  ];
  const color = { field: "color", type: "nominal" as const, scale: null };
  const text = (values: readonly Label[], at: number, mark: object): Layer => ({
    data: { values: [...values] },
    mark: {
      ...{ type: "text", fontSize: 14, color: INK.text, baseline: "middle", ...mark },
      ...{ lineBreak: "\n", lineHeight: LINE },
    },
    encoding: { x: { value: at }, y, text: { field: "text" } },
  });
  const marks = (told: boolean): Layer => ({
    data: { values: measured.filter((point) => point.told === told) },
    mark: {
      ...{ type: "point", shape: "circle", size: 100, strokeWidth: 2, filled: told, opacity: 1 },
      ...!told && { fill: INK.paper },
    },
    encoding: { x, y, color, tooltip },
  });
  return {
    ...block.title && { title: { text: block.title, fontSize: 15, offset: 8 } },
    width: plot,
    height,
    layer: [
      {
        data: { values: borders.map((y) => ({ y })) },
        mark: { type: "rule", color: INK.grid },
        encoding: { y },
      },
      {
        data: { values: [{}] },
        mark: { type: "rule", color: INK.muted, strokeWidth: 1.5 },
        encoding: { x: { ...x, field: undefined, datum: 0 } },
      },
      {
        data: { values: measured.filter(({ low }) => low !== undefined) },
        mark: INTERVAL_MARK,
        encoding: { x: { ...x, field: "low" }, x2: { field: "high" }, y, color },
      },
      {
        data: { values: [...published] },
        mark: {
          ...{ type: "point", shape: "diamond", size: 70, filled: true, opacity: 1 },
          color: INK.muted,
        },
        encoding: { x, y, tooltip },
      },
      ...[false, true].map(marks),
      text(datasets, -12, { align: "right", fontWeight: "bold" }),
      text(labels, plot + 12, { align: "left" }),
    ],
  };
}
