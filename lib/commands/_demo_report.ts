import {
  errorReduction,
  htmlReport,
  noiseRobustness,
  resultsTable,
  trainingCurves,
} from "../plots/mod.ts";
import type { EpochRow, TrainConfig } from "../train/mod.ts";

/** What the report tells besides its rows. */
export interface DemoFacts {
  readonly config: TrainConfig;
  readonly seeds: number;
  readonly seconds: number;
  /** Runtime, engine and machine in a line. */
  readonly versions: string;
}

/** The demo's page: what was measured, nothing else. */
export function demoReport(
  rows: readonly EpochRow[],
  { config, seeds, seconds, versions }: DemoFacts,
): Promise<string> {
  const { model, trainCount, epochs, batchSize, samRho } = config;
  return htmlReport({
    title: "SAM against SGD on the embedded data set",
    lead: `${model} on ${trainCount} procedural images of ten classes, ${epochs} epochs of batch ` +
      `size ${batchSize}, without augmentation, rho ${samRho}, ${seeds} seeds. SAM takes two ` +
      "gradients a step: at equal epochs it costs twice the time of SGD. This is a small " +
      "experiment that fits into three minutes, with the paper's settings and none chosen by its " +
      "result: it shows what was measured here, not what holds in general.",
    sections: [
      { heading: "Results", table: resultsTable(rows) },
      { heading: "Error-rate reduction", chart: errorReduction(rows) },
      { heading: "Robustness to label noise", chart: noiseRobustness(rows) },
      { heading: "Training curves", chart: trainingCurves(rows) },
    ],
    footer: `Trained in ${seconds.toFixed(0)} s. ${versions}`,
  });
}
