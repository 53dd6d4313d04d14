import type { TopLevelSpec } from "vega-lite";
import { type Condition, conditionsOf, samplesOf } from "./_conditions.ts";
import { epochAxis, seriesColor, seriesShape, TIP } from "./_encodings.ts";
import { type Series, seriesOf } from "./_series.ts";
import { chooseByLegend, fade, type Panel, SCHEMA } from "./_spec.ts";
import { compact, lines, percent, seeds } from "./_text.ts";
import { groupRuns, type PlottedRow } from "./select_epochs.ts";
import { estimateMean } from "../statistics/mod.ts";
import { FIGURE_WIDTH, theme } from "./theme.ts";

/** What `fittedLabels` lets one choose. */
export interface FittedLabelsOptions {
  readonly title?: string;
}

/** The two kinds of labels: what a panel is titled, and the figure it is made of. */
const KINDS = [
  { kind: "true", title: "True labels that are fitted, %", figure: "evalOnTrueLabelsError" },
  { kind: "wrong", title: "Wrong labels that are fitted, %", figure: "evalOnWrongLabelsError" },
] as const;

/**
 * How many of the true and how many of the wrong training labels a network reproduces, epoch by epoch:
 * of the training set evaluated at w, without augmentation. Means over seeds, bands from the lowest seed
 * to the highest; a row for each condition. Of runs whose training set was evaluated, others are left
 * out, and so are those without wrong labels and those that diverged.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { fittedLabels } from "sam/plots";
 *
 * const row = {
 *   ...{ dataset: "mine", model: "m", method: "SGD", rho: 0, labelNoise: 0.4, seed: 0, epoch: 1 },
 *   ...{ trainLoss: 0.9, trainError: 0.2, testLoss: 1, testError: 0.3 },
 *   ...{ evalOnTrueLabelsError: 0.1, evalOnWrongLabelsError: 0.7 },
 * };
 * assertStringIncludes(
 *   String(fittedLabels([row]).description),
 *   "SGD: 90.0 % of the true labels, 30.0 % of the wrong ones",
 * );
 * ```
 *
 * @throws RangeError if there is no such run
 */
export function fittedLabels(
  rows: readonly PlottedRow[],
  { title = "Training labels that are fitted" }: FittedLabelsOptions = {},
): TopLevelSpec {
  const runs = groupRuns(rows).filter(({ diverged, rows }) =>
    !diverged && rows.every((row) => KINDS.every(({ figure }) => row[figure] !== undefined))
  );
  if (runs.length === 0) {
    throw new RangeError(
      "Cannot plot fitted labels: no run has wrong labels and an evaluated training set; train with " +
        "evaluateTrainingSet",
    );
  }
  const series = seriesOf(runs);
  const { conditions, shared } = conditionsOf(runs);
  const samples = conditions.flatMap((condition) => samplesOf(condition, series));
  const points = samples.flatMap(({ condition, series: { label }, runs }) =>
    pointsOf(condition.key, label, runs.flatMap((run) => run.rows))
  );
  return {
    $schema: SCHEMA,
    description: describe(title, shared, points),
    title: {
      text: title,
      subtitle: lines([
        shared,
        "Training set evaluated at w, without augmentation",
        seeds(samples, ", bands from the lowest to the highest"),
      ]),
    },
    datasets: { points },
    vconcat: conditions.map((condition, i) => ({
      ...(condition.label && { title: { text: condition.label, fontSize: 15, offset: 6 } }),
      spacing: 24,
      hconcat: KINDS.map((one, j) => panel(one, condition, series, i === 0 && j === 0)),
    })),
    spacing: 20,
    config: theme,
  };
}

/** Shares of one kind of labels after one epoch, in per cent. */
interface Point {
  readonly condition: string;
  readonly series: string;
  readonly kind: string;
  readonly epoch: number;
  readonly fitted: number;
  readonly low: number;
  readonly high: number;
  readonly seeds: number;
}

function pointsOf(condition: string, series: string, rows: readonly PlottedRow[]): Point[] {
  return [...Map.groupBy(rows, ({ epoch }) => epoch)].sort(([a], [b]) => a - b)
    .flatMap(([epoch, group]) =>
      KINDS.map(({ kind, figure }) => {
        const shares = group.map((row) => 100 * (1 - row[figure]!));
        return {
          ...{ condition, series, kind, epoch, seeds: shares.length },
          fitted: compact(estimateMean(shares).value),
          low: compact(Math.min(...shares)),
          high: compact(Math.max(...shares)),
        };
      })
    );
}

function panel(
  { kind, title }: typeof KINDS[number],
  condition: Condition,
  series: readonly Series[],
  first: boolean,
): Panel {
  const x = epochAxis({ tickCount: 5 });
  const y = {
    field: "fitted",
    type: "quantitative" as const,
    title,
    scale: { domain: [0, 100] },
    axis: { tickCount: 5 },
  };
  const room = FIGURE_WIDTH - 40;
  const color = seriesColor(series, { symbolOpacity: 1, room });
  const own = {
    data: { name: "points" },
    transform: [
      { filter: { field: "condition", equal: condition.key } },
      { filter: `datum.kind === '${kind}'` },
    ],
  };
  return {
    width: (FIGURE_WIDTH - 150) / 2,
    height: 190,
    layer: [
      {
        ...own,
        mark: "area",
        encoding: {
          x,
          y: { ...y, field: "low" },
          y2: { field: "high" },
          color,
          opacity: fade(0.15),
        },
      },
      {
        ...own,
        mark: { type: "line", strokeWidth: 2 },
        encoding: { x, y, color, opacity: fade(1) },
      },
      {
        ...own,
        ...(first && { params: [chooseByLegend] }),
        mark: { type: "point", size: 24, filled: true },
        encoding: {
          ...{ x, y, color, opacity: fade(1) },
          shape: seriesShape(series, { symbolOpacity: 1, room }),
          tooltip: [TIP.method, TIP.epoch, { field: "fitted", title }, TIP.seeds],
        },
      },
    ],
  };
}

/** The figure in words: where each method's curves end. */
function describe(title: string, shared: string, points: readonly Point[]): string {
  const groups = Map.groupBy(points, ({ condition, series }) => `${condition}\n${series}`);
  const ends = Array.from(groups.values(), (group) => {
    const [fitted, wrong] = KINDS.map(({ kind }) =>
      percent(group.findLast((point) => point.kind === kind)!.fitted / 100, 1)
    );
    return `${group[0]!.series}: ${fitted} of the true labels, ${wrong} of the wrong ones`;
  });
  return `${title}. ${shared ? `${shared}. ` : ""}At the end: ${ends.join("; ")}.`;
}
