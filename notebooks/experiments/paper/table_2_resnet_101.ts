/**
 * Table 2, ResNet-101 on ImageNet.
 *
 * - Command: `deno task sweep notebooks/experiments/paper/table_2_resnet_101.ts`; one row: `--only
 *   "400 epochs"`
 * - Machine: of the estimate: 2 × AMD EPYC, without a GPU; of the paper: TPUv3 with 32 cores
 *   (section 3.2)
 * - Time: 17,000 hours for the first run, estimated; half of it without SAM
 * - Expected: 100 epochs: 20.2 % with SAM and 21.2 % with SGD; 200 epochs: 19.4 % with SAM and 20.9
 *   % with SGD; 400 epochs: 19.0 % with SAM and 22.3 % with SGD
 */
import type { runs } from "sam";

export default [100, 200, 400].map((epochs): runs.Experiment => ({
  name: `Table 2: ResNet-101, ${epochs} epochs`,
  base: {
    dataset: "imagenet",
    model: "resnet_101",
    epochs,
    batchSize: 4096,
    // A core's share of the batch.
    m: 128,
    learningRate: 1,
    schedule: "cosine",
    weightDecay: 1e-4,
    labelSmoothing: 0.1,
    evaluateTop5: true,
  },
  variants: [
    { method: "SAM", config: { samRho: 0.05 } },
    { method: "SGD", config: { samRho: 0 } },
  ],
  seeds: [0],
}));
