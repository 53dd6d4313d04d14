/**
 * SGD, SAM at two radii and mixup, with 0 to 80 % of the training labels wrong: 500 images of
 * Fashion-MNIST without augmentation, which the network learns by heart, wrong labels included.
 *
 * deno task sweep notebooks/experiments/noise_robustness.ts
 */
import type { runs } from "sam";

const base: runs.Experiment["base"] = {
  dataset: "fashion_mnist",
  trainCount: 500,
  testCount: 500,
  model: "wide_resnet_10_1",
  epochs: 20,
  batchSize: 25,
  learningRate: 0.1,
  augmentation: "none",
};

export const noiseRobustness: runs.Experiment = {
  name: "noise_robustness",
  base,
  grid: { labelNoise: [0, 0.2, 0.4, 0.6, 0.8] },
  variants: [
    { config: { samRho: 0 } },
    { config: { samRho: 0.05 } },
    { config: { samRho: 0.2 } },
    { method: "Mixup", config: { samRho: 0, batchAugmentation: "mixup" } },
  ],
  seeds: [0, 1, 2],
};

/** Flips and crops keep so small a network from learning wrong labels by heart. */
export const augmented: runs.Experiment = {
  name: "noise_robustness with augmentation",
  base: { ...base, labelNoise: 0.4, augmentation: "basic" },
  grid: { samRho: [0, 0.05, 0.2] },
  seeds: [0, 1, 2],
};

export default [noiseRobustness, augmented];
