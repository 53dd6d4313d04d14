/**
 * The search of settings for the notebooks' experiments: six for every method, judged by 6,000 training
 * images of Fashion-MNIST that are held out. Seeds are not those of the experiments, and no test image is
 * looked at. SGD alone may choose its learning rate, the other methods have the usual 0.1: what that
 * changes, it changes in favour of SGD.
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
  model: "wide_resnet_16_1",
  precision: "bfloat16",
  epochs: 40,
  batchSize: 50,
  augmentation: "none",
  evaluateEvery: 20,
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
  evaluateEvery: 4,
  evaluateTrainingSet: true,
};

const weightDecay = [5e-4, 5e-3];
const sgd: runs.Grid = { samRho: [0], learningRate: [0.03, 0.1, 0.3], weightDecay };

/** The settings that are tried, by method. */
export const grids = {
  clean: {
    "SGD": sgd,
    "SGD, twice the epochs": { ...sgd, epochs: [80] },
    "SAM": { samRho: [0.05, 0.1, 0.2], weightDecay },
  },
  noisy: {
    "SGD": sgd,
    "SGD, twice the epochs": { ...sgd, epochs: [40] },
    "SAM": { samRho: [0.1, 0.2, 0.5], weightDecay },
    "Mixup": { samRho: [0], batchAugmentation: ["mixup"], mixupAlpha: [1, 8, 32], weightDecay },
    "Label smoothing": { samRho: [0], labelSmoothing: [0.1, 0.3, 0.6], weightDecay },
    "Bootstrapping": { samRho: [0], bootstrapping: [0.05, 0.2, 0.4], weightDecay },
  },
} as const satisfies Record<string, Record<string, runs.Grid>>;

function searches(
  name: keyof typeof grids,
  base: runs.Experiment["base"],
  seeds: readonly number[],
): runs.Experiment[] {
  return Object.entries(grids[name]).map((
    [method, { epochs = [base.epochs!], ...grid }]: [string, runs.Grid],
  ) => ({
    name: `${name}: ${method}`,
    base: { ...base, evaluateOn: "validation", evaluateEvery: epochs[0]!, epochs: epochs[0]! },
    grid,
    variants: [{ method, config: {} }],
    seeds,
  }));
}

export default [
  ...searches("noisy", { ...noisy, labelNoise: 0.4 }, [100, 101]),
  ...searches("clean", clean, [100]),
];
