import type { plots, runs } from "sam";
import ablations from "../../notebooks/experiments/ablations.ts";
import bestEpoch from "../../notebooks/experiments/best_epoch.ts";
import cifar10 from "../../notebooks/experiments/cifar10.ts";
import demo from "../../notebooks/experiments/demo.ts";
import errorReduction from "../../notebooks/experiments/error_reduction.ts";
import fittedLabels from "../../notebooks/experiments/fitted_labels.ts";
import {
  batched,
  byNoise,
  errorReductionFigure,
  groupsFigure,
  noiseFigure,
  radiusFigure,
  replicationFigure,
  sameGroupsFigure,
} from "../../notebooks/experiments/figures.ts";
import noiseRobustness from "../../notebooks/experiments/noise_robustness.ts";
import replication from "../../notebooks/experiments/replication.ts";
import search from "../../notebooks/experiments/search.ts";
import {
  recordedRows,
  type Records,
  recordsOf,
} from "../../notebooks/experiments/notebook_runs.ts";
import trainingSetSize from "../../notebooks/experiments/training_set_size.ts";
import { wrongImages } from "../../lib/plots/mod.ts";

/** The recorded runs of a notebook. */
export interface Recorded {
  /** Of the notebook, its experiments and its records. */
  readonly name: string;
  readonly rows: readonly runs.RunRow[];
  readonly records: Records;
}

/** What is compared in the figures of the notebooks, corrected figure by figure. */
export interface Evidence {
  readonly recorded: readonly Recorded[];
  readonly errorReduction: readonly plots.Comparison[];
  readonly sizes: readonly plots.Comparison[];
  readonly cifar10: readonly plots.Comparison[];
  readonly noise: readonly plots.Comparison[];
  /** Of seeds that nothing had been seen of. */
  readonly replication: readonly plots.Comparison[];
  /** At the epochs that validation images choose. */
  readonly stopped: readonly plots.Comparison[];
  readonly radius: readonly plots.Comparison[];
  readonly groups: readonly plots.Comparison[];
  readonly sameGroups: readonly plots.Comparison[];
  readonly batchSize: readonly plots.Comparison[];
  readonly weightDecay: readonly plots.Comparison[];
}

const EXPERIMENTS = {
  error_reduction: errorReduction,
  training_set_size: trainingSetSize,
  cifar10,
  noise_robustness: noiseRobustness,
  replication,
  best_epoch: bestEpoch,
  demo,
  ablations,
  fitted_labels: fittedLabels,
  search,
};

/** All comparisons, of the records as they are committed. */
export async function evidenceOf(): Promise<Evidence> {
  const recorded = await Promise.all(
    Object.entries(EXPERIMENTS).map(async ([name, experiments]): Promise<Recorded> => {
      const records = await recordsOf(name);
      return { name, records, rows: recordedRows(experiments, records) };
    }),
  );
  const of = (wanted: keyof typeof EXPERIMENTS) => recorded.find(({ name }) => name === wanted)!;
  const figure = (name: keyof typeof EXPERIMENTS, compared: Figure) =>
    found(of(name).rows, compared, of(name).records);
  const ablation = (end: string) =>
    recordedRows(ablations.filter(({ name }) => name.endsWith(end)), of("ablations").records);
  const settings = of("ablations").records;
  return {
    recorded,
    errorReduction: figure("error_reduction", errorReductionFigure),
    sizes: figure("training_set_size", errorReductionFigure),
    cifar10: figure("cifar10", errorReductionFigure),
    noise: Object.values(byNoise(of("noise_robustness").rows))
      .flatMap((rows) => found(rows, noiseFigure, of("noise_robustness").records)),
    replication: figure("replication", replicationFigure),
    stopped: figure("best_epoch", (rows) => noiseFigure(rows, { epoch: "validation" })),
    radius: found(ablation("rho"), radiusFigure, settings),
    groups: found(ablation("m"), groupsFigure, settings),
    sameGroups: found(ablation("m"), sameGroupsFigure, settings),
    batchSize: found(batched(ablation("batch size")), radiusFigure, settings),
    weightDecay: found(ablation("weight decay"), radiusFigure, settings),
  };
}

type Figure = (
  rows: readonly runs.RunRow[],
  options: plots.ComparisonOptions,
) => plots.Comparison[];

/** What a figure compares; nothing where none of its runs is recorded. */
function found<Row>(
  rows: readonly Row[],
  figure: (rows: readonly Row[], options: plots.ComparisonOptions) => plots.Comparison[],
  records: Records,
): plots.Comparison[] {
  return rows.length === 0 ? [] : figure(rows, { wrongImages: wrongImages(records) });
}
