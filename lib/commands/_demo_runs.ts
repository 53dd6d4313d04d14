import { type Experiment, type FinishedRun, readRecords } from "../runs/mod.ts";
import { configOf, runId, type TrainConfig } from "../train/mod.ts";

/**
 * What the demo trains: the setting of `notebooks/experiments/noise_robustness.ts` with 40 % of the
 * labels wrong, on the embedded part of its data set.
 */
export const demoConfig: TrainConfig = configOf({
  dataset: "fashion_mnist_small",
  trainCount: 500,
  testCount: 500,
  model: "wide_resnet_10_1",
  epochs: 20,
  batchSize: 25,
  learningRate: 0.1,
  augmentation: "none",
  labelNoise: 0.4,
  samRho: 0.2,
});

/** SGD and SAM at `config.samRho`, a pair for each seed. */
export function demoExperiment(seeds: number, config: TrainConfig): Experiment {
  return {
    name: "demo",
    base: config,
    variants: [{ config: { samRho: 0 } }, { config: { samRho: config.samRho } }],
    seeds: Array.from({ length: seeds }, (_, seed) => seed),
  };
}

/** Where the recorded runs are, of a clone or of a package. */
const RECORDS = new URL(
  "../../notebooks/experiments/records/noise_robustness.jsonl",
  import.meta.url,
);

/** The recorded runs of the demo's setting: the same but for their data set's name, by seed. */
export async function recordedRuns(): Promise<FinishedRun[]> {
  const runs = Array.from((await readRecords(RECORDS)).values());
  return runs.filter(({ config }) => {
    const { seed, samRho } = config;
    const same = { ...demoConfig, dataset: "fashion_mnist", seed, samRho };
    return [0, demoConfig.samRho].includes(samRho) && runId(config) === runId(same);
  });
}
