/**
 * The search of settings for the notebooks' experiments: eight for every method, judged by 6,000 training
 * images of Fashion-MNIST that are held out. Seeds are not those of the experiments, and no test image is
 * looked at. SGD, which has no radius or the like, tries more learning rates.
 *
 * - Command: `deno task sweep notebooks/experiments/search.ts`
 * - Machine: 2 × AMD EPYC (AVX512_BF16), a thread for each of two processes, without a GPU
 * - Expected: what `settings.ts` says, which a test compares with the records
 */
import type { runs } from "sam";

/** What all runs of `error_reduction.ts` have in common: a network that fits its training set. */
export const clean: runs.Experiment["base"] = {
  dataset: "fashion_mnist",
  trainCount: 1000,
  model: "wide_resnet_10_1",
  precision: "bfloat16",
  epochs: 40,
  batchSize: 50,
  augmentation: "none",
  evaluateEvery: 40,
  evaluateTrainingSet: true,
};

/** What all runs of `noise_robustness.ts` and `ablations.ts` have in common. */
export const noisy: runs.Experiment["base"] = {
  dataset: "fashion_mnist",
  trainCount: 500,
  model: "wide_resnet_10_1",
  precision: "bfloat16",
  epochs: 20,
  batchSize: 25,
  augmentation: "none",
  evaluateEvery: 20,
  evaluateTrainingSet: true,
};

const weightDecay = [5e-4, 5e-3];
const sgd: runs.Grid = { samRho: [0], learningRate: [0.03, 0.1, 0.3, 1], weightDecay };
const shared: runs.Grid = { learningRate: [0.1, 0.3], weightDecay };

/** The settings that are tried, by method. */
export const grids = {
  clean: {
    "SGD": sgd,
    "SGD, twice the epochs": { ...sgd, epochs: [80] },
    "SAM": { samRho: [0.05, 0.1], ...shared },
  },
  noisy: {
    "SGD": sgd,
    "SGD, twice the epochs": { ...sgd, epochs: [40] },
    "SAM": { samRho: [0.1, 0.2], ...shared },
    "Mixup": { samRho: [0], batchAugmentation: ["mixup"], mixupAlpha: [1, 8], ...shared },
    "Label smoothing": { samRho: [0], labelSmoothing: [0.1, 0.3], ...shared },
    "Bootstrapping": { samRho: [0], bootstrapping: [0.2, 0.4], ...shared },
  },
} as const satisfies Record<string, Record<string, runs.Grid>>;

/**
 * A search for each method: `clean` for the settings of `error_reduction.ts`, `noisy` for those of
 * `noise_robustness.ts`, with 40 % of the labels wrong.
 */
export const searches: Readonly<Record<keyof typeof grids, readonly runs.Experiment[]>> = {
  clean: searchesOf("clean", clean, [100]),
  noisy: searchesOf("noisy", { ...noisy, labelNoise: 0.4 }, [100, 101]),
};

function searchesOf(
  problem: keyof typeof grids,
  base: runs.Experiment["base"],
  seeds: readonly number[],
): runs.Experiment[] {
  const byMethod: [string, runs.Grid][] = Object.entries(grids[problem]);
  return byMethod.map(([method, { epochs: [epochs] = [base.epochs!], ...grid }]) => ({
    name: `${problem}: ${method}`,
    base: { ...base, evaluateOn: "validation", evaluateEvery: epochs!, epochs: epochs! },
    grid,
    variants: [{ method, config: {} }],
    seeds,
  }));
}

export default [...searches.noisy, ...searches.clean];
