import { type Experiment, type FinishedRun, readRecords } from "../runs/mod.ts";
import { configOf, runId, type TrainConfig } from "../train/mod.ts";

/**
 * SAM's run of the demo: that of `notebooks/experiments/fitted_labels.ts` with 40 % of the labels wrong,
 * on the embedded part of its data set.
 */
export const demoConfig: TrainConfig = configOf({
  dataset: "fashion_mnist_small",
  trainCount: 500,
  testCount: 1000,
  model: "wide_resnet_10_1",
  precision: "bfloat16",
  epochs: 20,
  batchSize: 25,
  learningRate: 0.1,
  weightDecay: 5e-4,
  augmentation: "none",
  evaluateTrainingSet: true,
  labelNoise: 0.4,
  samRho: 0.2,
});

/** What SGD's run has otherwise: each method has the setting that the search chose for it. */
const SGD = { samRho: 0, learningRate: 0.3, weightDecay: 5e-4 } as const;

/** SGD and SAM, a pair for each seed. */
export function demoExperiment(seeds: number, config: TrainConfig): Experiment {
  return {
    name: "demo",
    base: config,
    variants: [{ config: SGD }, { config: {} }],
    seeds: Array.from({ length: seeds }, (_, seed) => seed),
  };
}

/** Where the recorded runs are, of a clone or of a package. */
const RECORDS = new URL(
  "../../notebooks/experiments/records/fitted_labels.jsonl",
  import.meta.url,
);

/** The recorded runs of the demo's setting: the same but for their data set's name, by seed. */
export async function recordedRuns(): Promise<FinishedRun[]> {
  const runs = Array.from((await readRecords(RECORDS)).values());
  return runs.filter(({ config }) => {
    const { seed, samRho } = config;
    const same = { ...demoConfig, ...samRho === 0 && SGD, dataset: "fashion_mnist", seed };
    return runId(config) === runId(same);
  });
}
