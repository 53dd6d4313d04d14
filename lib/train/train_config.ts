/**
 * What a run is determined by: on machines of one kind, with the same number of threads, two runs
 * of the same configuration give the same parameters, bit for bit.
 *
 * What is switched off is `"none"`; what is left out is decided by the network or the data.
 */
export type TrainConfig = {
  /** Name of the data set, as of `data.datasetNames`, `folder:PATH` or `records:PATH`. */
  readonly dataset: string;
  /**
   * Height and width of the images. If left out, the size that an EfficientNet was made for; for
   * other networks 224 in files, and images in memory stay as they are.
   */
  readonly imageSize?: number | undefined;
  /** What is done about files that are not images. */
  readonly corruptImages: "error" | "skip";
  /** How many training examples to use; all if left out. */
  readonly trainCount?: number | undefined;
  /** How many test examples to use; all if left out. */
  readonly testCount?: number | undefined;
  /**
   * The test set; a tenth of the training set that is then not trained on; or both, of which the
   * validation images may choose an epoch.
   */
  readonly evaluateOn: "test" | "validation" | "both";
  /**
   * Whether the training set is evaluated too: without augmentation, at the last parameters, and
   * true and wrong labels apart where some are wrong.
   */
  readonly evaluateTrainingSet: boolean;
  /** Whether top-5 errors are evaluated too, of more than five classes. */
  readonly evaluateTop5: boolean;
  /** Epochs between evaluations; the last always has one. */
  readonly evaluateEvery: number;
  /** Name of the network, for example `wide_resnet_16_4`. */
  readonly model: string;
  /**
   * Checkpoint to begin with: FLAX's, TensorFlow's or one of ours, or a folder, of which the newest
   * one is taken.
   */
  readonly initFrom?: string | undefined;
  /**
   * Whether training uses the running statistics of batch normalisation and leaves them;
   * EfficientNets only. If left out, those that begin from a checkpoint do, as in the reference.
   */
  readonly freezeBatchNorm?: boolean | undefined;
  /** Whether groups of wide ResNets add their inputs too. */
  readonly additionalSkipConnections: boolean;
  /**
   * What convolutions, products and what lies between them compute in; parameters, batch statistics and
   * the optimizer are float32 anyway.
   */
  readonly precision: "float32" | "bfloat16";
  /** Epochs of the whole run. */
  readonly epochs: number;
  /** Examples in a step. */
  readonly batchSize: number;
  /** Learning rate of the first step. */
  readonly learningRate: number;
  /** Decay of the learning rate. */
  readonly schedule: "cosine" | "exponential" | "constant";
  /** λ of ½ λ ‖w‖², a part of the loss. */
  readonly weightDecay: number;
  /** Whether biases and batch normalisation decay too. */
  readonly weightDecayScope: "all" | "kernels";
  /** Nesterov momentum. */
  readonly momentum: number;
  /** SGD with Nesterov momentum, or RMSProp as for EfficientNets. */
  readonly optimizer: "sgd" | "rmsprop";
  /** Decay of the moving average, by which the run is then judged; it begins after 1,560 steps. */
  readonly emaDecay: number | "none";
  /** Radius ρ of SAM's neighbourhood; 0 is SGD. */
  readonly samRho: number;
  /**
   * Whether each epoch tells of SAM's neighbourhood: losses at both ends, their gap, gradients, their
   * cosine (`optim.SamStatistics`); not of SGD, which has none.
   */
  readonly samStatistics: boolean;
  /** Examples that share a perturbation (m-sharpness); `"none"`: the batch. */
  readonly m: number | "none";
  /** Whether groups of m climb together, each normalised by itself, and not each on its own. */
  readonly syncPerturbations: boolean;
  /** Neighbouring groups of m that climb together, where they do; none: all. */
  readonly innerGroupSize: number | "none";
  /**
   * Examples that pass through the network at once, while gradients are accumulated; none: all that are
   * normalised together.
   */
  readonly microBatchSize: number | "none";
  /**
   * Whether groups of m are normalised by the statistics of the whole batch, not each by its own. If
   * left out, EfficientNets are and others are not, as on the reference's replicas.
   */
  readonly syncBatchNorm?: boolean | undefined;
  /** Largest global norm of the gradient. */
  readonly gradientClipping: number | "none";
  /** Share of each label that is spread over all classes. */
  readonly labelSmoothing: number;
  /** Share of the network's own predictions in the targets: 1 − β of soft bootstrapping. */
  readonly bootstrapping: number;
  /** Share of training labels replaced by wrong ones. */
  readonly labelNoise: number;
  /** By any other label, or by that of a similar class, as CIFAR-10 and Fashion-MNIST have. */
  readonly labelNoiseKind: "symmetric" | "asymmetric";
  /** Augmentation of images. */
  readonly augmentation: string;
  /** Augmentation of normalised batches with their labels. */
  readonly batchAugmentation: string;
  /** Size of the patch of cutout and mixcut in pixels; 16 if left out. */
  readonly cutoutLength?: number | undefined;
  /** α of Beta(α, α), of mixup and mixcut; 1 if left out. */
  readonly mixupAlpha?: number | undefined;
  /** Seed of everything random in the run. */
  readonly seed: number;
  /** Seconds between checkpoints, in the middle of an epoch too; `"none"`: one after each epoch. */
  readonly saveProgressSeconds: number | "none";
  /** After how many epochs a checkpoint is kept besides; 0: before the first step. */
  readonly additionalCheckpointsAtEpochs: readonly number[];
  /** What a loss that is NaN or infinite does: stop with an error, or go on as the reference does. */
  readonly onNan: "stop" | "continue";
};
