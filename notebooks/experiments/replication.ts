/**
 * Whether what ten seeds of `noise_robustness.ts` suggest with 40 % of the labels wrong holds for twenty
 * others: SAM beside SGD, and beside SGD of twice the epochs. Seeds, methods and the two comparisons were
 * fixed, and committed, before the first run.
 *
 * - Command: `deno task sweep notebooks/experiments/replication.ts`
 * - Machine: 2 × AMD EPYC (AVX512_BF16), a thread, without a GPU
 * - Time: 11 minutes for 60 runs
 * - Expected: test error after the last epoch, mean over seeds: 36.7 % with SGD, 37.4 % with SGD of
 *   twice the epochs, 32.5 % with SAM
 */
import type { runs } from "sam";
import { compared, mainRate } from "./noise_robustness.ts";

export const replication: runs.Experiment = {
  name: "replication",
  base: mainRate.base,
  variants: compared.filter(({ method }) => method !== "Mixup"),
  seeds: Array.from({ length: 20 }, (_, index) => 10 + index),
};

export default [replication];
