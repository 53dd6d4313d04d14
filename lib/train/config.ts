import {
  boolean,
  choice,
  type EntriesOf,
  entry,
  integer,
  list,
  nearName,
  number,
  optionalEntry,
  orNone,
  parseEntries,
  shown,
  text,
} from "../schema/mod.ts";
import { isRecord } from "../system/mod.ts";
import type { TrainConfig } from "./train_config.ts";

/**
 * Every entry of a configuration: type, check, default, description. Defaults are the settings of the
 * paper for wide ResNets (Foret et al. 2021, appendix C.1: Nesterov momentum 0.9, cosine decay, learning
 * rate 0.1, weight decay 5e-4, ρ 0.05, 200 epochs), with the reference's batch size and clipping.
 */
export const configEntries: EntriesOf<TrainConfig> = {
  dataset: entry(text(), "Data set, see below", "synthetic"),
  imageSize: optionalEntry(
    integer({ min: 1 }),
    "Height and width of the images (default the network's; files: 224)",
  ),
  corruptImages: entry(
    choice("error", "skip"),
    "What is done about files that are not images",
    "error",
  ),
  trainCount: optionalEntry(
    integer({ min: 1 }),
    "How many training examples to use (default all)",
  ),
  testCount: optionalEntry(integer({ min: 1 }), "How many test examples to use (default all)"),
  evaluateOn: entry(
    choice("test", "validation", "both"),
    "The test set, a tenth of the training set, or both",
    "test",
  ),
  evaluateTrainingSet: entry(boolean(), "The training set too, without augmentation", false),
  evaluateTop5: entry(boolean(), "Top-5 errors too", false),
  evaluateEvery: entry(
    integer({ min: 1 }),
    "Epochs between evaluations; the last always has one",
    1,
  ),
  model: entry(text(), "Model, see below", "wide_resnet_16_4"),
  initFrom: optionalEntry(text(), "Checkpoint, or folder of them, to begin with"),
  freezeBatchNorm: optionalEntry(
    boolean(),
    "Keep batch statistics (default: EfficientNets with --init-from)",
  ),
  additionalSkipConnections: entry(
    boolean(),
    "Groups of wide ResNets add their inputs too",
    false,
  ),
  /** In training and evaluation; parameters, batch statistics and the optimizer are float32 anyway. */
  precision: entry(
    choice("float32", "bfloat16"),
    "What convolutions and products compute in",
    "float32",
  ),
  epochs: entry(integer({ min: 1 }), "Epochs of the whole run", 200),
  batchSize: entry(integer({ min: 1 }), "Examples in a step", 128),
  learningRate: entry(
    number({ min: 0, aboveMin: true }),
    "Learning rate of the first step",
    0.1,
  ),
  schedule: entry(
    choice("cosine", "exponential", "constant"),
    "Decay of the learning rate",
    "cosine",
  ),
  weightDecay: entry(number({ min: 0 }), "Weight decay, as a part of the loss", 5e-4),
  weightDecayScope: entry(choice("all", "kernels"), "Parameters that decay", "all"),
  momentum: entry(number({ min: 0, max: 1, belowMax: true }), "Nesterov momentum", 0.9),
  optimizer: entry(choice("sgd", "rmsprop"), "SGD with Nesterov momentum, or RMSProp", "sgd"),
  emaDecay: entry(
    orNone(number({ min: 0, aboveMin: true, max: 1, belowMax: true })),
    "Decay of the moving average, from step 1,560 on",
    "none",
  ),
  samRho: entry(number({ min: 0 }), "Radius rho of SAM's neighbourhood; 0: SGD", 0.05),
  samStatistics: entry(boolean(), "Losses and gradients of SAM's two passes too", false),
  m: entry(
    orNone(integer({ min: 1 })),
    "Examples that share a perturbation; none: the batch",
    "none",
  ),
  /** Each normalised by itself, as on replicas of the reference with its `sync_perturbations`. */
  syncPerturbations: entry(
    boolean(),
    "Groups of m climb together, each normalised by itself",
    false,
  ),
  /** Of neighbouring groups. */
  innerGroupSize: entry(
    orNone(integer({ min: 1 })),
    "Groups of m that climb together; none: all",
    "none",
  ),
  /** Gradients are accumulated. */
  microBatchSize: entry(
    orNone(integer({ min: 1 })),
    "Examples in memory at once; none: all",
    "none",
  ),
  syncBatchNorm: optionalEntry(
    boolean(),
    "Batch norm over all groups of m (default: EfficientNets only)",
  ),
  gradientClipping: entry(
    orNone(number({ min: 0, aboveMin: true })),
    "Largest global norm of the gradient",
    5,
  ),
  labelSmoothing: entry(number({ min: 0, max: 1 }), "Label smoothing", 0),
  bootstrapping: entry(
    number({ min: 0, max: 1 }),
    "Share of the own predictions in the targets",
    0,
  ),
  labelNoise: entry(
    number({ min: 0, max: 1 }),
    "Share of training labels replaced by wrong ones",
    0,
  ),
  labelNoiseKind: entry(
    choice("symmetric", "asymmetric"),
    "By any other label, or a similar class's",
    "symmetric",
  ),
  augmentation: entry(text(), "Augmentation of images, see below", "basic"),
  batchAugmentation: entry(text(), "Augmentation of batches, see below", "none"),
  cutoutLength: optionalEntry(
    integer({ min: 2 }),
    "Size of the patch of cutout, mixcut (default 16)",
  ),
  mixupAlpha: optionalEntry(
    number({ min: 0, aboveMin: true }),
    "Beta(alpha, alpha) of mixup, mixcut (default 1)",
  ),
  seed: entry(
    integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    "Seed of everything random in the run",
    0,
  ),
  saveProgressSeconds: entry(
    orNone(number({ min: 0, aboveMin: true })),
    "Time between checkpoints; none: one an epoch",
    "none",
  ),
  additionalCheckpointsAtEpochs: entry(
    list(integer({ min: 0 })),
    "Epochs done at which one is kept: 0,50,100",
    [],
  ),
  onNan: entry(
    choice("stop", "continue"),
    "What a loss that is NaN or infinite does",
    "stop",
  ),
};

/**
 * Entries that change what is kept of a run, or where it is given up, and not what comes of it: it goes
 * on with others too.
 */
export const KEEPING: readonly (keyof TrainConfig)[] = [
  "saveProgressSeconds",
  "additionalCheckpointsAtEpochs",
  "onNan",
];

/** A configuration that cannot be carried out, and the entry that is to blame. */
export class ConfigError extends RangeError {
  override readonly name = "ConfigError";
  /** Of {@linkcode TrainConfig}, or one that it does not have; empty if none is to blame. */
  readonly key: string;

  constructor(key: string, message: string) {
    super(message);
    this.key = key;
  }
}

/**
 * A whole configuration, each entry checked for itself.
 *
 * @throws ConfigError for what is no record of entries, an entry that there is not, and a value that it
 *   cannot have
 */
export function withDefaults(given: Partial<TrainConfig>): TrainConfig {
  if (!isRecord(given)) {
    throw new ConfigError(
      "",
      `Cannot use ${shown(given)} as a configuration: it must be a record of entries, such as ` +
        "{ samRho: 0.05 }",
    );
  }
  return parseEntries(configEntries, given, {
    unknown: (name) => {
      const near = nearName(name, Object.keys(configEntries));
      const hint = near === undefined ? "" : `; did you mean ${near}?`;
      return new ConfigError(name, `Cannot use ${name}: a configuration has no such entry${hint}`);
    },
    wrong: (name, value, expected) =>
      new ConfigError(name, `Cannot use ${name} ${value}: it must be ${expected}`),
  });
}

/** The configuration of a run of which nothing is said. */
export const defaultConfig: TrainConfig = withDefaults({});

/**
 * "SGD", "SAM", "SAM + mixup", …, as it stands in legends.
 *
 * ```ts
 * import { train } from "sam";
 *
 * console.log(train.methodOf(train.configOf({ batchAugmentation: "mixup" }))); // SAM + mixup
 * ```
 */
export function methodOf(
  { samRho, optimizer, batchAugmentation }: Pick<
    TrainConfig,
    "samRho" | "optimizer" | "batchAugmentation"
  >,
): string {
  const base = optimizer === "sgd" ? "SGD" : "RMSProp";
  const method = samRho === 0 ? base : optimizer === "sgd" ? "SAM" : `SAM, ${base}`;
  return batchAugmentation === "none" ? method : `${method} + ${batchAugmentation}`;
}
