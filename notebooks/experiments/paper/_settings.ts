/** What the experiments of the paper's tables have in common. @module */
import type { runs, train } from "sam";

type Config = Partial<train.TrainConfig>;

/**
 * The paper's CIFAR networks: batches of 256 over 8 GPUs, so that 32 examples share a perturbation and
 * are normalised together.
 *
 * Source: Foret et al. 2021, appendix C.1.
 */
export const CIFAR: Config = { batchSize: 256, m: 32, momentum: 0.9, schedule: "cosine" };

/** The augmentations of a row, under the paper's names. */
const AUGMENTATIONS = {
  basic: { augmentation: "basic" },
  cutout: { augmentation: "basic", batchAugmentation: "cutout" },
  autoaugment: { augmentation: "autoaugment", batchAugmentation: "cutout" },
} satisfies Record<string, Config>;

/** What a row of tables 1 and 5 trains. */
export interface Row {
  /** "Table 1". */
  readonly table: string;
  /** As the table calls it. */
  readonly network: string;
  readonly augmentation: keyof typeof AUGMENTATIONS;
  readonly base: Config;
  /** By data set: what differs there, ρ among it. */
  readonly datasets: Readonly<Record<string, Config>>;
}

/**
 * The runs of a row: SAM and SGD on each data set, and SGD for twice the epochs, as the table gives the
 * better of the two.
 */
export function row({ table, network, augmentation, base, datasets }: Row): runs.Experiment {
  const { epochs = 200 } = base;
  return {
    name: `${table}: ${network}, ${augmentation}`,
    base: { ...CIFAR, ...base, ...AUGMENTATIONS[augmentation] },
    variants: Object.entries(datasets).flatMap(([dataset, changes]) => [
      { method: "SAM", config: { dataset, ...changes, epochs } },
      { method: "SGD", config: { dataset, ...changes, samRho: 0, epochs } },
      {
        method: "SGD, twice the epochs",
        config: { dataset, ...changes, samRho: 0, epochs: 2 * epochs },
      },
    ]),
    seeds: [0, 1, 2, 3, 4],
  };
}

/** Table 2: a ResNet on ImageNet for each number of epochs. */
export function imageNet(network: string, model: string): runs.Experiment[] {
  return [100, 200, 400].map((epochs) => ({
    name: `Table 2: ${network}, ${epochs} epochs`,
    base: {
      dataset: "imagenet",
      model,
      epochs,
      batchSize: 4096,
      // A core's share of the batch.
      m: 128,
      learningRate: 1,
      schedule: "cosine",
      weightDecay: 1e-4,
      labelSmoothing: 0.1,
      evaluateTop5: true,
    },
    variants: SAM_AND_SGD,
    seeds: [0],
  }));
}

/** Table 3: an EfficientNet finetuned on each data set. */
export function finetuning(network: string, model: string): runs.Experiment[] {
  return ["imagenet", "cifar10", "cifar100"].map((dataset) => ({
    name: `Table 3: ${network}, ${dataset}`,
    base: {
      dataset,
      model,
      initFrom: `checkpoints/${model}`,
      epochs: dataset === "imagenet" ? 4 : 100,
      batchSize: 1024,
      // A core's share of the batch.
      m: 16,
      learningRate: 0.016,
      schedule: "cosine",
      weightDecay: 1e-5,
      augmentation: dataset === "imagenet" ? "autoaugment" : "basic",
    },
    variants: SAM_AND_SGD,
    seeds: [0],
  }));
}

const SAM_AND_SGD: runs.Variant[] = [
  { method: "SAM", config: { samRho: 0.05 } },
  { method: "SGD", config: { samRho: 0 } },
];
