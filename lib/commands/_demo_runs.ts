import type { Experiment } from "../runs/mod.ts";
import { configOf, type TrainConfig } from "../train/mod.ts";

/** What the demo trains: a small network on few examples without augmentation, so that it overfits. */
export const demoConfig: TrainConfig = configOf({
  dataset: "synthetic_16",
  model: "wide_resnet_10_1",
  trainCount: 1500,
  testCount: 500,
  epochs: 12,
  batchSize: 50,
  augmentation: "none",
});

/** SGD and SAM, with clean labels and with 40 % of them wrong; a whole comparison for each seed. */
export function demoExperiment(seeds: number, config: TrainConfig): Experiment {
  return {
    name: "demo",
    base: config,
    grid: { labelNoise: [0, 0.4] },
    variants: [{ config: { samRho: 0 } }, { config: { samRho: config.samRho } }],
    seeds: Array.from({ length: seeds }, (_, seed) => seed),
  };
}
