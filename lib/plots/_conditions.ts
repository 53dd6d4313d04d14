import { augmentationText, datasetName, imagesText, modelName, noise } from "./_names.ts";
import { type Series, seriesOfRun } from "./_series.ts";
import { augmentationOf, noiseKindOf, type Run, type Setting } from "./select_epochs.ts";

/** What a comparison of methods holds fixed: the data, with what is done to them, and the network. */
export interface Condition {
  /** Tells conditions apart. */
  readonly key: string;
  /** What sets this condition apart from the others of the figure; empty if it is the only one. */
  readonly label: string;
  readonly runs: readonly Run[];
}

/** The aspects of a condition that a figure may treat by itself, such as noise on its x axis. */
export type Aspect = keyof typeof ASPECTS;

/** The value of an aspect, and its text; empty where there is nothing to say. */
const ASPECTS = {
  dataset: [(run) => run.dataset, (run) => datasetName(run.dataset)],
  model: [(run) => run.model, (run) => modelName(run.model)],
  labelNoise: [
    (run) => `${run.labelNoise} ${noiseKindOf(run)}`,
    (run) => noise(run.labelNoise, noiseKindOf(run)),
  ],
  noiseKind: [noiseKindOf, (run) => noiseKindOf(run) === "asymmetric" ? "asymmetric noise" : ""],
  trainCount: [
    ({ settings }) => settings.trainCount,
    ({ settings }) => imagesText(settings.trainCount),
  ],
  augmentation: [augmentationOf, (run) => augmentationText(augmentationOf(run))],
} satisfies Record<string, readonly [(run: Run) => Setting | undefined, (run: Run) => string]>;

/** All of them; whether noise is asymmetric is a part of `labelNoise`. */
export const ALL_ASPECTS: readonly Aspect[] = [
  ...["dataset", "model", "labelNoise", "trainCount", "augmentation"] as const,
];

/**
 * Splits runs by the given aspects, in order of first appearance, and says once what all share:
 * that goes into the subtitle, and only the rest into the panels' titles.
 */
export function conditionsOf(
  runs: readonly Run[],
  aspects: readonly Aspect[] = ALL_ASPECTS,
): { readonly conditions: Condition[]; readonly shared: string } {
  const valueOf = (run: Run, aspect: Aspect) => ASPECTS[aspect][0](run);
  const varying = aspects.filter((aspect) =>
    new Set(runs.map((run) => valueOf(run, aspect))).size > 1
  );
  const fixed = aspects.filter((aspect) => !varying.includes(aspect));
  const groups = Map.groupBy(
    runs,
    (run) => aspects.map((aspect) => valueOf(run, aspect)).join("\u0000"),
  );
  const conditions = [...groups].map(([key, group]) => ({
    key,
    label: describe(group[0]!, varying),
    runs: group,
  }));
  return { conditions, shared: describe(runs[0]!, fixed) };
}

/** The texts of some aspects of a run. */
export function describe(run: Run, aspects: readonly Aspect[]): string {
  return aspects.map((aspect) => ASPECTS[aspect][1](run)).filter(Boolean).join(", ");
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
