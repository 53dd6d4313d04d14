/**
 * SAM against its base optimizer by the size of the training set: images of Fashion-MNIST without
 * augmentation, at the settings that the search chose for 1,000 of them.
 *
 * - Command: `deno task sweep notebooks/experiments/training_set_size.ts`
 * - Machine: 2 × AMD EPYC (AVX512_BF16), a thread, without a GPU
 * - Time: 68 minutes for 45 runs
 * - Expected: test error after the last epoch, mean over seeds: of 2,000 images 15.0 % with SGD,
 *   15.2 % with SAM, 15.8 % with SGD of twice the epochs; of 5,000 11.6 % with SGD, 11.5 % with
 *   SAM, 12.7 % with SGD of twice the epochs
 */
import type { runs } from "sam";
import { plain } from "./error_reduction.ts";

const { trainCount: _, ...base } = plain.base;

const trainingSetSize: runs.Experiment = {
  ...plain,
  name: "training_set_size",
  base,
  grid: { trainCount: [1000, 2000, 5000] },
  seeds: [0, 1, 2, 3, 4],
};

export default [trainingSetSize];
