/**
 * The runs of `noise_robustness.ts` with 40 % of the labels wrong, looked at as they train: 6,000 validation
 * images choose the epoch that one would have stopped at, and the test images tell its error.
 *
 * - Command: `deno task sweep notebooks/experiments/best_epoch.ts`
 * - Machine: 2 × AMD EPYC (AVX512_BF16), a thread, without a GPU
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
