/**
 * How true and wrong labels come to be fitted: the runs of `noise_robustness.ts`, looked at after every
 * epoch, with the first 1,000 test images.
 *
 * - Command: `deno task sweep notebooks/experiments/fitted_labels.ts`
 * - Machine: 2 × AMD EPYC (AVX512_BF16), a thread for each of two processes, without a GPU
 * - Time: 19 minutes for 80 runs
 * - Expected: test error after the last epoch, mean over seeds: with 40 % of the labels wrong, of
 *   the first 1,000 test images, 34.3 % with SGD, 37.0 % with SGD of twice the epochs, 35.3 % with
 *   mixup, 33.0 % with SAM
 */
import type { runs } from "sam";
import { compared } from "./noise_robustness.ts";
import { noisy } from "./search.ts";

const base = { ...noisy, evaluateEvery: 1, testCount: 1000 };

/** 40 % of the labels wrong, as many seeds as where claims are made: the demo shows these runs. */
export const fittedLabels: runs.Experiment = {
  name: "fitted_labels at 40 %",
  base: { ...base, labelNoise: 0.4 },
  variants: compared,
  seeds: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
};

export const otherRates: runs.Experiment = {
  name: "fitted_labels at other rates",
  base,
  grid: { labelNoise: [0, 0.8] },
  variants: compared,
  seeds: [0, 1, 2, 3, 4],
};

export default [fittedLabels, otherRates];
