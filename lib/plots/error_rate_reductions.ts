import type { TopLevelSpec } from "vega-lite";
import { axisRange } from "./_axis_range.ts";
import type { PublishedError } from "./_published.ts";
import {
  measuredBlock,
  plotWidth,
  publishedBlock,
  reductionPanel,
  swarmText,
} from "./_reduction_panel.ts";
import {
  type MeasuredPoint,
  measuredPoints,
  publishedPoints,
  type ReductionPoint,
} from "./_reduction_points.ts";
import { SCHEMA } from "./_spec.ts";
import { lines } from "./_text.ts";
import type { Comparison } from "./comparisons.ts";
import { theme } from "./theme.ts";

/** What `errorRateReductions` lets one choose. */
export interface ErrorRateReductionsOptions {
  readonly title?: string;
  /** Pairs of errors of SGD and of SAM of others, for a block of their own that says where they come from. */
  readonly published?: { readonly source: string; readonly errors: readonly PublishedError[] };
}

/**
 * By which share switching to SAM reduces the test error: a point for each data set, network, augmentation
 * and size of the training set, with its 95 % confidence interval over pairs of equal seeds. Points are
 * solid where the pairs tell the errors apart, corrected by Holm as the comparisons are, and else hollow.
 * Below them, published reductions as gray diamonds, a row for each data set.
 *
 * Source: Foret et al. 2021, figure 1 (left).
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { compareMethods, errorRateReductions } from "sam/plots";
 *
 * const epoch = { dataset: "mine", model: "WRN-10-1", labelNoise: 0, epoch: 1 };
 * const losses = { trainLoss: 0.9, trainError: 0.2, testLoss: 1 };
 * const rows = [0, 1, 2].flatMap((seed) => [
 *   { ...epoch, ...losses, seed, method: "SGD", rho: 0, testError: 0.3 + 0.01 * seed },
 *   { ...epoch, ...losses, seed, method: "SAM", rho: 0.05, testError: 0.24 + 0.011 * seed },
 * ]);
 * const spec = errorRateReductions(compareMethods(rows));
 * assertStringIncludes(String(spec.description), "mine: 19.0 % [16.7, 21.4]");
 * ```
 *
 * @throws RangeError if no comparison has a reduction, if a published error is no fraction, and if there
 *   is none of SAM, or one without its pair
 */
export function errorRateReductions(
  comparisons: readonly Comparison[],
  { title = defaultTitle(comparisons), published }: ErrorRateReductionsOptions = {},
): TopLevelSpec {
  const { points, shared } = measuredPoints(comparisons);
  if (points.length === 0) {
    throw new RangeError(
      `Cannot plot ${comparisons.length} comparisons without a reduction: pass at least one whose ` +
        "baseline makes errors",
    );
  }
  const others = published ? publishedPoints(published.errors) : [];
  const all = [...points, ...others];
  const groups = [...Map.groupBy(others, ({ dataset }) => dataset).values()];
  const frame = {
    plot: plotWidth(
      all.map(({ dataset }) => dataset),
      [...points.map(({ label }) => label), ...groups.map(swarmText)],
    ),
    domain: axisRange(
      [0, ...all.map(({ reduction }) => reduction)],
      points.flatMap(({ low, high }) => [low ?? [], high ?? []].flat()),
    ),
  };
  const blocks = [
    measuredBlock(points, published && "Measured here"),
    ...published
      ? [publishedBlock(others, `Published: ${published.source}; not measured here`, frame)]
      : [],
  ];
  return {
    $schema: SCHEMA,
    description: describe(title, shared, points, published?.source, groups),
    title: {
      text: title,
      subtitle: lines([
        shared,
        pairsText(points, comparisons),
        "Solid: told apart from none (Holm); hollow: not told apart",
      ]).concat(divergedText(comparisons)),
    },
    vconcat: blocks.map((block, i) =>
      reductionPanel(
        block,
        frame,
        i === blocks.length - 1 ? "Reduction of the test error, %" : null,
      )
    ),
    spacing: 24,
    config: theme,
  };
}

/** It names the methods unless there are several, which labels name then. */
function defaultTitle(comparisons: readonly Comparison[]): string {
  const names = (
    of: "treated" | "baseline",
  ) => [...new Set(comparisons.map((one) => one[of].name))];
  const [treated, baselines] = [names("treated"), names("baseline")];
  return treated.length === 1 && baselines.length === 1
    ? `Error rate reduction by switching from ${baselines[0]} to ${treated[0]}`
    : "Error rate reductions";
}

/** "10 pairs of equal seeds, with 95 % confidence intervals (Student's t)". */
function pairsText(points: readonly MeasuredPoint[], comparisons: readonly Comparison[]): string {
  const counts = comparisons.flatMap(({ reduction }) => reduction?.n ?? []);
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  if (high === 1) return "1 pair of equal seeds, hence no interval";
  return `Means over ${low === high ? high : `${low} to ${high}`} pairs of equal seeds` +
    (points.some(({ low }) => low !== undefined)
      ? " with 95 % confidence intervals (Student's t)"
      : "");
}

/** "2 of 20 runs diverged and are in no pair"; nothing if all went well. */
function divergedText(comparisons: readonly Comparison[]): string[] {
  const runs = new Set(
    comparisons.flatMap(({ treated, baseline }) => [...treated.runs, ...baseline.runs]),
  );
  const { length } = [...runs].filter(({ diverged }) => diverged);
  if (length === 0) return [];
  return [`${length} of ${runs.size} runs diverged and ${length === 1 ? "is" : "are"} in no pair`];
}

/** The figure in words. */
function describe(
  title: string,
  shared: string,
  points: readonly MeasuredPoint[],
  source: string | undefined,
  published: readonly (readonly ReductionPoint[])[],
): string {
  const measured = points.map(({ dataset, label, text, told }) =>
    `${[dataset, label].filter(Boolean).join(", ")}: ${text}${told ? "" : " (not told apart)"}`
  );
  const others = published.map((group) => `${group[0]!.dataset}: ${swarmText(group)}`);
  return [
    title,
    shared,
    `Reductions of the test error. ${measured.join("; ")}`,
    others.length > 0 ? `Published by ${source}: ${others.join("; ")}` : "",
  ].filter(Boolean).join(". ") + ".";
}
