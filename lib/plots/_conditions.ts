import { type Series, seriesOfRun } from "./_series.ts";
import type { Run } from "./select_epochs.ts";
import { noise } from "./_text.ts";

/** What a comparison of methods holds fixed: data set, model and label noise. */
export interface Condition {
  /** Tells conditions apart. */
  readonly key: string;
  /** What sets this condition apart from the others of the figure; empty if it is the only one. */
  readonly label: string;
  readonly runs: readonly Run[];
}

/** The aspects of a condition that a figure may treat by itself, such as noise on its x axis. */
export type Aspect = "dataset" | "model" | "labelNoise";

const ALL: readonly Aspect[] = ["dataset", "model", "labelNoise"];

/**
 * Splits runs by the given aspects, in order of first appearance, and says once what all share:
 * that goes into the subtitle, and only the rest into the panels' titles.
 */
export function conditionsOf(
  runs: readonly Run[],
  aspects: readonly Aspect[] = ALL,
): { readonly conditions: Condition[]; readonly shared: string } {
  const varying = aspects.filter((aspect) => new Set(runs.map((run) => run[aspect])).size > 1);
  const fixed = aspects.filter((aspect) => !varying.includes(aspect));
  const groups = Map.groupBy(runs, (run) => aspects.map((aspect) => run[aspect]).join("\u0000"));
  const conditions = [...groups].map(([key, group]) => ({
    key,
    label: describe(group[0]!, varying),
    runs: group,
  }));
  return { conditions, shared: describe(runs[0]!, fixed) };
}

function describe(run: Run, aspects: readonly Aspect[]): string {
  return aspects
    .map((aspect) => aspect === "labelNoise" ? noise(run.labelNoise) : run[aspect])
    .join(", ");
}

/** The runs of one series under one condition: they differ in their seeds only. */
export interface Sample {
  readonly condition: Condition;
  readonly series: Series;
  readonly runs: readonly Run[];
}

/** Every series that has runs under a condition, in the legend's order. */
export function samplesOf(condition: Condition, series: readonly Series[]): Sample[] {
  return series
    .map((one) => ({
      condition,
      series: one,
      runs: condition.runs.filter((run) => seriesOfRun(series, run) === one),
    }))
    .filter((sample) => sample.runs.length > 0);
}
