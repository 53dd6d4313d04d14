/**
 * What bfloat16 costs in test error: a WRN-16-2 by SAM on the first 2,000 images of Fashion-MNIST,
 * five seeds in each precision. The mean in bfloat16 is to lie within the interval of float32's seeds.
 * It lies there: 17.0 % in [16.2, 17.4]. That does not say that bfloat16 costs nothing: by pairs of
 * seeds it is not told apart: 0.2 points [−0.9, 1.3], n = 5.
 *
 * - Command: `deno task sweep notebooks/experiments/precision.ts`
 * - Machine: 2 × AMD EPYC, without a GPU
 * - Time: 59 minutes for 10 runs
 * - Expected: test error after the last epoch, mean over seeds: 16.8 % in float32, 17.0 % in bfloat16
 */
import type { runs } from "sam";

export const precision: runs.Experiment = {
  name: "precision",
  base: {
    dataset: "fashion_mnist",
    trainCount: 2000,
    model: "wide_resnet_16_2",
    epochs: 15,
    batchSize: 100,
    learningRate: 0.1,
    evaluateEvery: 5,
  },
  variants: [
    { method: "SAM in float32", config: { precision: "float32" } },
    { method: "SAM in bfloat16", config: { precision: "bfloat16" } },
  ],
  seeds: [0, 1, 2, 3, 4],
};

export default precision;
