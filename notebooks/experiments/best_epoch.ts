/**
 * The runs of `noise_robustness.ts` with 40 % of the labels wrong, looked at as they train: 6,000 validation
 * images choose the epoch that one would have stopped at, and the test images tell its error.
 *
 * - Command: `deno task sweep notebooks/experiments/best_epoch.ts`
 * - Machine: 2 × AMD EPYC (AVX512_BF16), a thread, without a GPU
 * - Time: 12 minutes for 20 runs
 * - Expected: test error after the last epoch, mean over seeds: with 40 % of the labels wrong
 *   34.0 % with SGD, 37.4 % with SGD of twice the epochs, 35.6 % with mixup, 33.0 % with SAM
 */
import type { runs } from "sam";
import { compared, mainRate } from "./noise_robustness.ts";

const bestEpoch: runs.Experiment = {
  name: "best_epoch",
  base: { ...mainRate.base, evaluateOn: "both", evaluateEvery: 2 },
  variants: compared,
  seeds: [0, 1, 2, 3, 4],
};

export default [bestEpoch];
