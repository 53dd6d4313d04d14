/**
 * SAM against its base optimizer on CIFAR-10 without augmentation, until its images are fitted, at the
 * settings that the search chose for 1,000 images of Fashion-MNIST.
 *
 * - Command: `deno task sweep notebooks/experiments/cifar10.ts`
 * - Machine: 2 × AMD EPYC (AVX512_BF16), a thread, without a GPU
 * - Time: 87 minutes for 15 runs
 * - Expected: test error after the last epoch, mean over seeds: 34.0 % with SGD, 34.1 % with SAM,
 *   36.5 % with SGD of twice the epochs
 * - Data: the 6,152 training and 1,017 test images at hand in the files of the data set; of its whole
 *   files the first as many would be others
 */
import type { runs } from "sam";
import { plain } from "./error_reduction.ts";

const cifar10: runs.Experiment = {
  ...plain,
  name: "cifar10",
  base: { ...plain.base, dataset: "cifar10", trainCount: 6152, batchSize: 64 },
  seeds: [0, 1, 2, 3, 4],
};

export default [cifar10];
