/**
 * SAM against its base optimizer on the full Fashion-MNIST: as many epochs, and as much computation.
 *
 * deno task sweep notebooks/experiments/error_reduction.ts
 *
 * About half an hour on four cores; 2 × AMD EPYC, shared: an hour and a half.
 */
import type { runs } from "sam";

const epochs = 3;

export const fashionMnist: runs.Experiment = {
  name: "error_reduction",
  base: { dataset: "fashion_mnist", model: "wide_resnet_10_1", batchSize: 128, learningRate: 0.1 },
  variants: [
    { method: "SGD", config: { samRho: 0, epochs } },
    { method: "SGD, twice the epochs", config: { samRho: 0, epochs: 2 * epochs } },
    { method: "SAM", config: { samRho: 0.05, epochs } },
  ],
  seeds: [0, 1, 2, 3, 4],
};

export default fashionMnist;
