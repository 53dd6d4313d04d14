/**
 * SAM against its base optimizer by the size of the training set: 1,000, 2,000 and 5,000 images of
 * Fashion-MNIST, without augmentation, at the settings that the search chose for 1,000.
 *
 * - Command: `deno task sweep notebooks/experiments/training_set_size.ts`
 * - Machine: 2 × AMD EPYC (AVX512_BF16), a thread, without a GPU
 */
import type { runs } from "sam";
import { plain } from "./error_reduction.ts";

/** Training images; those of 1,000 are runs of `error_reduction.ts`. */
export const sizes: readonly number[] = [1000, 2000, 5000];

const seeds = Array.from({ length: 5 }, (_, seed) => seed);

const experiments: readonly runs.Experiment[] = sizes.map((trainCount) => ({
  ...plain,
  name: `training_set_size ${trainCount}`,
  base: { ...plain.base, trainCount },
  seeds,
}));

export default experiments;
