/**
 * What a run is determined by: on machines of one kind, with the same number of threads, two runs
 * of the same configuration give the same parameters, bit for bit.
 */
export interface TrainConfig {
  /** Name of a data set. */
  readonly dataset: string;
  /**
   * Height and width that images are brought to. If undefined, those that an EfficientNet was made
   * for; for other networks 224 in files, and images in memory stay as they are.
   */
  readonly imageSize?: number;
  /** Files that are no images end the loading, or are left out with a warning. */
  readonly corruptImages: "error" | "skip";
  /** Use only so many training examples; all if undefined. */
  readonly trainCount?: number;
  /** Use only so many test examples; all if undefined. */
  readonly testCount?: number;
  /** Whether the test set is evaluated, or a tenth of the training set that is not trained on. */
  readonly evaluateOn: "test" | "validation";
  /**
   * Whether the training set is evaluated too, without augmentation: at the last parameters, and by
   * true and wrong labels apart where some are wrong.
   */
  readonly evaluateTrainingSet: boolean;
  /** Whether evaluations count top-5 errors too; for more than five classes. */
  readonly evaluateTop5: boolean;
  /** Epochs from one evaluation to the next; the last epoch is evaluated always. */
  readonly evaluateEvery: number;
  /** Name of a model. */
  readonly model: string;
  /**
   * A checkpoint whose parameters the run begins with, as to finetune: FLAX's, TensorFlow's or one of
   * ours, or a folder, of which the newest one is taken; drawn anew if undefined.
   */
  readonly initFrom?: string;
  /**
   * Whether training uses the running statistics of batch normalisation and leaves them; EfficientNets
   * only. If undefined, those that begin from a checkpoint do, as in the reference.
   */
  readonly freezeBatchNorm?: boolean;
  /** Whether the groups of a wide ResNet add their inputs too; wide ResNets only. */
  readonly additionalSkipConnections: boolean;
  readonly epochs: number;
  readonly batchSize: number;
  /** At the first step. */
  readonly learningRate: number;
  readonly schedule: "cosine" | "exponential" | "constant";
  /** λ of ½ λ ‖w‖² in the loss. */
  readonly weightDecay: number;
  /** Whether biases and batch normalisation decay too. */
  readonly weightDecayScope: "all" | "kernels";
  readonly momentum: number;
  /** SGD with Nesterov momentum, or RMSProp as for EfficientNets. */
  readonly optimizer: "sgd" | "rmsprop";
  /** Decay of the moving average of the parameters, by which the run is then judged; 0: none. */
  readonly emaDecay: number;
  /** Radius of SAM's neighbourhood; 0 is SGD. */
  readonly samRho: number;
  /** Examples that share a perturbation (m-sharpness); 0: the whole batch. */
  readonly m: number;
  /** Whether the groups of m climb together, each normalised by itself, and not each on its own. */
  readonly syncPerturbations: boolean;
  /** Groups of m that climb together, where they do; 0: all. */
  readonly innerGroupSize: number;
  /**
   * Examples that pass through the network at once, while gradients are accumulated; 0: all that are
   * normalised together.
   */
  readonly microBatchSize: number;
  /**
   * Whether those groups are normalised by the statistics of the whole batch, not each by its own. If
   * undefined, EfficientNets are and others are not, as on the reference's replicas.
   */
  readonly syncBatchNorm?: boolean;
  /** Largest global norm of the gradient; 0: none. */
  readonly gradientClipping: number;
  readonly labelSmoothing: number;
  /** Share of training labels that are replaced by wrong ones. */
  readonly labelNoise: number;
  /** By any other label, or by that of a similar class, as CIFAR-10 has them. */
  readonly labelNoiseKind: "symmetric" | "asymmetric";
  readonly augmentation: string;
  /** Of normalised batches with their labels. */
  readonly batchAugmentation: string;
  /** Height and width of cutout's and mixcut's patch in pixels; 16 if undefined. */
  readonly cutoutLength?: number;
  /** α of the Beta distribution of mixup's and mixcut's weights; 1 if undefined. */
  readonly mixupAlpha?: number;
  readonly seed: number;
  /**
   * The longest time of training from one checkpoint to the next, in the middle of an epoch too; 0: one
   * after each epoch.
   */
  readonly saveProgressSeconds: number;
  /**
   * After how many epochs a checkpoint is saved besides, which is kept; 0: before the first step.
   * None if undefined.
   */
  readonly additionalCheckpointsAtEpochs?: readonly number[];
  /**
   * Whether a loss that is NaN or infinite stops the run, with an error, or is trained on with as in the
   * reference.
   */
  readonly onNan: "stop" | "continue";
}

/**
 * Entries that change what is kept of a run, or where it is given up, and not what comes of it: it goes
 * on with others too.
 */
export const KEEPING: readonly (keyof TrainConfig)[] = [
  "saveProgressSeconds",
  "additionalCheckpointsAtEpochs",
  "onNan",
];

/**
 * Settings of the paper for wide ResNets (Foret et al. 2021, appendix C.1: Nesterov momentum 0.9,
 * cosine decay, learning rate 0.1, weight decay 5e-4, ρ 0.05, 200 epochs), with the reference's
 * batch size and clipping.
 */
export const defaultConfig: TrainConfig = {
  dataset: "synthetic",
  corruptImages: "error",
  evaluateOn: "test",
  evaluateTrainingSet: false,
  evaluateTop5: false,
  evaluateEvery: 1,
  model: "wide_resnet_16_4",
  additionalSkipConnections: false,
  epochs: 200,
  batchSize: 128,
  learningRate: 0.1,
  schedule: "cosine",
  weightDecay: 5e-4,
  weightDecayScope: "all",
  momentum: 0.9,
  optimizer: "sgd",
  emaDecay: 0,
  samRho: 0.05,
  m: 0,
  syncPerturbations: false,
  innerGroupSize: 0,
  microBatchSize: 0,
  gradientClipping: 5,
  labelSmoothing: 0,
  labelNoise: 0,
  labelNoiseKind: "symmetric",
  augmentation: "basic",
  batchAugmentation: "none",
  seed: 0,
  saveProgressSeconds: 0,
  onNan: "stop",
};

/** A configuration that cannot be carried out, and the entry that is to blame. */
export class ConfigError extends RangeError {
  override readonly name = "ConfigError";
  readonly key: keyof TrainConfig;

  constructor(key: keyof TrainConfig, message: string) {
    super(message);
    this.key = key;
  }
}

/** "SGD", "SAM", "SAM + mixup", …, as it stands in legends. */
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

/** A data set's name as that of one folder: `folder:../pets` is `folder_pets`. */
export function folderName(dataset: string): string {
  return dataset.replaceAll(/[^A-Za-z0-9_-]+/g, "_");
}

/**
 * The folder of a run below the output folder. Its last part names learning rate, weight decay, ρ
 * and seed as the reference's `train.py` does.
 */
export function runFolder(config: TrainConfig): string {
  const { dataset, model, labelNoise, learningRate, weightDecay, samRho, seed } = config;
  return [
    folderName(dataset),
    model,
    ...labelNoise === 0 ? [] : [`noise_${labelNoise}`],
    `lr_${learningRate}`,
    `wd_${weightDecay}`,
    `rho_${samRho}`,
    `seed_${seed}`,
  ].join("/");
}
