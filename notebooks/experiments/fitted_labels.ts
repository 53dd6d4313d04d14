/**
 * How true and wrong labels come to be fitted: the runs of `noise_robustness.ts`, looked at after every
 * epoch, with the first 1,000 test images.
 *
 * - Command: `deno task sweep notebooks/experiments/fitted_labels.ts`
 */
import type { runs } from "sam";
import { compared } from "./noise_robustness.ts";
import { noisy } from "./search.ts";

export const fittedLabels: runs.Experiment = {
  name: "fitted_labels",
  base: { ...noisy, evaluateEvery: 1, testCount: 1000 },
  grid: { labelNoise: [0.4, 0, 0.8] },
  variants: compared,
  seeds: [0, 1, 2, 3, 4],
};

export default [fittedLabels];
