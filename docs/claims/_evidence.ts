import type { plots, runs } from "sam";
import ablations from "../../notebooks/experiments/ablations.ts";
import errorReduction from "../../notebooks/experiments/error_reduction.ts";
import fittedLabels from "../../notebooks/experiments/fitted_labels.ts";
import {
  batched,
  byNoise,
  errorReductionFigure,
  groupsFigure,
  noiseFigure,
  radiusFigure,
} from "../../notebooks/experiments/figures.ts";
import noiseRobustness from "../../notebooks/experiments/noise_robustness.ts";
import search from "../../notebooks/experiments/search.ts";
import {
  recordedRows,
  type Records,
  recordsOf,
} from "../../notebooks/experiments/notebook_runs.ts";
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
  readonly noise: readonly plots.Comparison[];
  readonly radius: readonly plots.Comparison[];
  readonly groups: readonly plots.Comparison[];
  readonly batchSize: readonly plots.Comparison[];
  readonly weightDecay: readonly plots.Comparison[];
}

/** All comparisons, of the records as they are committed. */
export async function evidenceOf(): Promise<Evidence> {
  const [errors, noise, settings, fitted, searched] = await Promise.all(
    ["error_reduction", "noise_robustness", "ablations", "fitted_labels", "search"].map(recordsOf),
  ) as [Records, Records, Records, Records, Records];
  const recorded = [
    { name: "error_reduction", records: errors, rows: recordedRows(errorReduction, errors) },
    { name: "noise_robustness", records: noise, rows: recordedRows(noiseRobustness, noise) },
    { name: "ablations", records: settings, rows: recordedRows(ablations, settings) },
    { name: "fitted_labels", records: fitted, rows: recordedRows(fittedLabels, fitted) },
    { name: "search", records: searched, rows: recordedRows(search, searched) },
  ];
  const ablation = (end: string) =>
    recordedRows(ablations.filter(({ name }) => name.endsWith(end)), settings);
  return {
    recorded,
    errorReduction: found(recorded[0]!.rows, errorReductionFigure, errors),
    noise: Object.values(byNoise(recorded[1]!.rows))
      .flatMap((rows) => found(rows, noiseFigure, noise)),
    radius: found(ablation("rho"), radiusFigure, settings),
    groups: found(ablation("m"), groupsFigure, settings),
    batchSize: found(batched(ablation("batch size")), radiusFigure, settings),
    weightDecay: found(ablation("weight decay"), radiusFigure, settings),
  };
}

/** What a figure compares; nothing where none of its runs is recorded. */
function found<Row>(
  rows: readonly Row[],
  figure: (rows: readonly Row[], options: plots.ComparisonOptions) => plots.Comparison[],
  records: Records,
): plots.Comparison[] {
  return rows.length === 0 ? [] : figure(rows, { wrongImages: wrongImages(records) });
}
