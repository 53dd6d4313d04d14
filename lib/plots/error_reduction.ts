import type { TopLevelSpec } from "vega-lite";
import { conditionsOf, samplesOf } from "./_conditions.ts";
import { type ForestDot, type ForestLane, forestPanels, labelWidth } from "./_forest_panels.ts";
import { measuredLanes, publishedLanes, runDots } from "./_forest_lanes.ts";
import type { PublishedError } from "./_published.ts";
import { seriesOf } from "./_series.ts";
import { SCHEMA } from "./_spec.ts";
import { CHOICES, enumeration, lines, notes, seeds } from "./_text.ts";
import { type EpochChoice, groupRuns, type PlottedRow, type Run } from "./select_epochs.ts";
import { theme } from "./theme.ts";

export type { PublishedError };

/** What `errorReduction` lets one choose. */
export interface ErrorReductionOptions {
  readonly title?: string;
  /** The method that the others are compared with. Default "SGD". */
  readonly baseline?: string;
  /** The epoch whose test error counts for a run. Default "last": no test label has chosen it. */
  readonly epoch?: EpochChoice;
  /** Numbers of others, for a block of their own that says where they come from. */
  readonly published?: { readonly source: string; readonly errors: readonly PublishedError[] };
}

/**
 * Test error of every method for each data set and model, with its 95 % confidence interval and
 * every seed as a dot; beside it, in figures, by how much a method lowers the baseline's error, over
 * pairs of equal seeds; in bold where the runs tell that from no reduction, corrected by Holm for all
 * reductions of the figure.
 *
 * A diverged run is in no mean; a cross marks its last finite test error.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { errorReduction } from "sam/plots";
 *
 * const epoch = { dataset: "mine", model: "WRN-10-1", labelNoise: 0, seed: 0, epoch: 1 };
 * const losses = { trainLoss: 0.9, trainError: 0.2, testLoss: 1 };
 * const rows = [
 *   { ...epoch, ...losses, method: "SGD", rho: 0, testError: 0.3 },
 *   { ...epoch, ...losses, method: "SAM", rho: 0.05, testError: 0.24 },
 * ];
 * assertStringIncludes(String(errorReduction(rows).description), "reduced by 20 %");
 * ```
 */
export function errorReduction(
  rows: readonly PlottedRow[],
  { title, baseline = "SGD", epoch = "last", published }: ErrorReductionOptions = {},
): TopLevelSpec {
  const runs = groupRuns(rows);
  const methods = checkMethods(runs, baseline);
  const series = seriesOf([...runs, ...published?.errors ?? []]);
  const samples = conditionsOf(runs).conditions.flatMap((one) => samplesOf(one, series));
  const heading = title ?? `Test error: ${enumeration(methods)} against ${baseline}`;
  const blocks: { title?: string; lanes: ForestLane[]; dots: ForestDot[] }[] = [{
    title: published && "Measured here",
    lanes: measuredLanes(samples, baseline, epoch),
    dots: runDots(samples, epoch),
  }];
  if (published) {
    blocks.push({
      title: `Published: ${published.source}; not measured here`,
      lanes: publishedLanes(published.errors, series, baseline),
      dots: [],
    });
  }
  return {
    $schema: SCHEMA,
    description: describe(heading, blocks[0]!.lanes),
    title: {
      text: heading,
      subtitle: lines([
        CHOICES[epoch],
        seeds(samples, " (dots) with 95 % confidence intervals (Student's t)"),
        blocks[0]!.lanes.some(({ said }) => said)
          ? "Reductions: on pairs of equal seeds, bold where told from none (Holm)"
          : "",
      ]).concat(notes(samples)),
    },
    vconcat: blocks.map((block, i) => ({
      ...(block.title && { title: { text: block.title, fontSize: 15, offset: 8 } }),
      spacing: 14,
      hconcat: forestPanels({
        ...block,
        series,
        first: i === 0,
        measured: i === 0,
        labels: labelWidth(blocks.flatMap(({ lanes }) => lanes)),
      }),
    })),
    spacing: 26,
    resolve: { scale: { yOffset: "independent" } },
    config: theme,
  };
}

/** The methods that are compared with the baseline. */
function checkMethods(runs: readonly Run[], baseline: string): string[] {
  const methods = [...new Set(runs.map((run) => run.method))];
  const others = methods.filter((method) => method !== baseline);
  if (others.length === 0 || others.length === methods.length) {
    throw new RangeError(
      `Cannot compare ${enumeration(methods)} with ${baseline}: ` +
        "the rows must hold runs of the baseline and of another method",
    );
  }
  return others;
}

function describe(title: string, lanes: readonly ForestLane[]): string {
  const results = lanes.map((lane) =>
    `${lane.group.replaceAll("\n", ", ")}, ${lane.series}: ${lane.errorText}` +
    (lane.compared ? `, reduced by ${lane.reductionText}` : "") +
    (lane.said === "not told apart" ? " (not told apart)" : "")
  );
  return `${title}, per cent. ${results.join("; ")}.`;
}
