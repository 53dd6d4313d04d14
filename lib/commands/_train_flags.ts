import { defaultConfig, type TrainConfig } from "../train/mod.ts";
import type { Flag, FlagValue } from "./_flags.ts";

type ConfigFlag = Flag & { readonly key: keyof TrainConfig };

/** Flags by name, and the entry of the configuration that each sets. */
const flags: Record<string, ConfigFlag> = {
  "dataset": {
    key: "dataset",
    type: "text",
    description: "Data set, see below",
  },
  "image-size": {
    key: "imageSize",
    type: "integer",
    min: 1,
    description: "Height and width of the images (default the network's; files: 224)",
  },
  "corrupt-images": {
    key: "corruptImages",
    type: "text",
    choices: ["error", "skip"],
    description: "What is done about files that are no images",
  },
  "train-count": {
    key: "trainCount",
    type: "integer",
    min: 1,
    description: "How many training examples to use (default all)",
  },
  "test-count": {
    key: "testCount",
    type: "integer",
    min: 1,
    description: "How many test examples to use (default all)",
  },
  "evaluate-on": {
    key: "evaluateOn",
    type: "text",
    choices: ["test", "validation"],
    description: "The test set, or a tenth of the training set",
  },
  "evaluate-training-set": {
    key: "evaluateTrainingSet",
    type: "boolean",
    description: "The training set too, without augmentation",
  },
  "evaluate-top5": {
    key: "evaluateTop5",
    type: "boolean",
    description: "Top-5 errors too",
  },
  "evaluate-every": {
    key: "evaluateEvery",
    type: "integer",
    min: 1,
    description: "Epochs between evaluations; the last always has one",
  },
  "model": {
    key: "model",
    type: "text",
    description: "Model, see below",
  },
  "init-from": {
    key: "initFrom",
    type: "text",
    description: "Checkpoint, or folder of them, to begin with",
  },
  "freeze-batch-norm": {
    key: "freezeBatchNorm",
    type: "boolean",
    description: "Keep batch statistics (default: EfficientNets with --init-from)",
  },
  "additional-skip-connections": {
    key: "additionalSkipConnections",
    type: "boolean",
    description: "Groups of wide ResNets add their inputs too",
  },
  "epochs": { key: "epochs", type: "integer", min: 1, description: "Epochs of the whole run" },
  "batch-size": { key: "batchSize", type: "integer", min: 1, description: "Examples in a step" },
  "learning-rate": {
    key: "learningRate",
    type: "number",
    min: 0,
    aboveMin: true,
    description: "Learning rate of the first step",
  },
  "schedule": {
    key: "schedule",
    type: "text",
    choices: ["cosine", "exponential", "constant"],
    description: "Decay of the learning rate",
  },
  "weight-decay": {
    key: "weightDecay",
    type: "number",
    min: 0,
    description: "Weight decay, as a part of the loss",
  },
  "weight-decay-scope": {
    key: "weightDecayScope",
    type: "text",
    choices: ["all", "kernels"],
    description: "Parameters that decay",
  },
  "momentum": {
    key: "momentum",
    type: "number",
    min: 0,
    max: 1,
    belowMax: true,
    description: "Nesterov momentum",
  },
  "optimizer": {
    key: "optimizer",
    type: "text",
    choices: ["sgd", "rmsprop"],
    description: "SGD with Nesterov momentum, or RMSProp",
  },
  "ema-decay": {
    key: "emaDecay",
    type: "number",
    min: 0,
    max: 1,
    belowMax: true,
    description: "Decay of the moving average, evaluated too; 0: none",
  },
  "sam-rho": {
    key: "samRho",
    type: "number",
    min: 0,
    description: "Radius rho of SAM's neighbourhood; 0: SGD",
  },
  "m": {
    key: "m",
    type: "integer",
    min: 0,
    description: "Examples that share a perturbation; 0: the whole batch",
  },
  "sync-perturbations": {
    key: "syncPerturbations",
    type: "boolean",
    description: "Groups of m climb together, each normalised by itself",
  },
  "inner-group-size": {
    key: "innerGroupSize",
    type: "integer",
    min: 0,
    description: "Groups of m that climb together; 0: all",
  },
  "micro-batch-size": {
    key: "microBatchSize",
    type: "integer",
    min: 0,
    description: "Examples in memory at once, gradients accumulated; 0: all",
  },
  "sync-batch-norm": {
    key: "syncBatchNorm",
    type: "boolean",
    description: "Batch norm over all groups of m (default: EfficientNets only)",
  },
  "gradient-clipping": {
    key: "gradientClipping",
    type: "number",
    min: 0,
    description: "Largest global norm of the gradient; 0: none",
  },
  "label-smoothing": {
    key: "labelSmoothing",
    type: "number",
    min: 0,
    max: 1,
    description: "Label smoothing",
  },
  "label-noise": {
    key: "labelNoise",
    type: "number",
    min: 0,
    max: 1,
    description: "Share of training labels replaced by wrong ones",
  },
  "label-noise-kind": {
    key: "labelNoiseKind",
    type: "text",
    choices: ["symmetric", "asymmetric"],
    description: "By any other label, or a similar class's",
  },
  "augmentation": {
    key: "augmentation",
    type: "text",
    description: "Augmentation of images, see below",
  },
  "batch-augmentation": {
    key: "batchAugmentation",
    type: "text",
    description: "Augmentation of batches, see below",
  },
  "cutout-length": {
    key: "cutoutLength",
    type: "integer",
    min: 2,
    description: "Size of the patch of cutout, mixcut (default 16)",
  },
  "mixup-alpha": {
    key: "mixupAlpha",
    type: "number",
    min: 0,
    aboveMin: true,
    description: "Beta(alpha, alpha) of mixup, mixcut (default 1)",
  },
  "seed": {
    key: "seed",
    type: "integer",
    min: -(2 ** 31),
    max: 2 ** 31 - 1,
    description: "Seed of everything random in the run",
  },
  "save-progress-seconds": {
    key: "saveProgressSeconds",
    type: "number",
    min: 0,
    description: "Longest time between checkpoints; 0: one an epoch",
  },
  "additional-checkpoints-at-epochs": {
    key: "additionalCheckpointsAtEpochs",
    type: "integers",
    min: 0,
    description: "Epochs done at which one is kept: 0,50,100",
  },
  "on-nan": {
    key: "onNan",
    type: "text",
    choices: ["stop", "continue"],
    description: "What a loss that is NaN or infinite does",
  },
};

/** Flags of a run's configuration, with its defaults. */
export const configFlags: Readonly<Record<string, Flag>> = Object.fromEntries(
  Object.entries(flags).map(([name, flag]) => [
    name,
    { ...flag, default: defaultConfig[flag.key] },
  ]),
);

/** The defaults with what was given. */
export function configOf(given: Partial<Record<string, FlagValue>>): TrainConfig {
  const changes = Object.entries(flags)
    .filter(([name]) => given[name] !== undefined)
    .map(([name, { key }]) => [key, given[name]]);
  return { ...defaultConfig, ...Object.fromEntries(changes) };
}

/** The flag that sets an entry of the configuration; undefined for an entry of another version. */
export function flagOf(key: string): string | undefined {
  return Object.keys(flags).find((name) => flags[name]!.key === key);
}
