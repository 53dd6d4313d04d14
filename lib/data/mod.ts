/**
 * Data sets in memory, images as bytes and labels as integers, and the pipelines that make batches
 * of them.
 *
 * @module
 */
export {
  type Augmentation,
  augmentationNames,
  augmentationOf,
  autoAugment,
  basic,
  type BatchAugmentation,
  batchAugmentationNames,
  batchAugmentationOf,
  type BatchAugmentationOptions,
  cifarPolicy,
  cutmix,
  cutout,
  type Draws,
  hasRandomCrops,
  type ImageBatch,
  imagenetPolicy,
  mixcut,
  mixup,
  operateAtLevels,
  type Operation,
  operationNames,
  type Policy,
  type PolicyStep,
  randAugment,
  type RandAugmentOptions,
  randAugmentReach,
  type Reach,
  registerAugmentation,
  registerBatchAugmentation,
  scaledReach,
  svhnPolicy,
} from "./augment/mod.ts";
export { DataError, OptionError } from "./data_error.ts";
export { download, type DownloadOptions, type DownloadProgress } from "./download/mod.ts";
export {
  type AsymmetricLabelNoiseOptions,
  type LabelNoise,
  type LabelNoiseOptions,
  withAsymmetricLabelNoise,
  withSymmetricLabelNoise,
} from "./label_noise.ts";
export {
  type EvaluationBatchOptions,
  findUndecodable,
  type ImageSource,
  imageSource,
  type NoisyLabels,
  type SourceOptions,
  type TrainingBatchOptions,
} from "./pipeline/mod.ts";
export {
  cifarArchives,
  type DatasetLoader,
  datasetNames,
  datasetOf,
  type ExamplesOf,
  fashionMnistFiles,
  type InMemoryName,
  isImageFiles,
  isImageRecords,
  loadCifar10,
  loadCifar100,
  loadDataset,
  loadFashionMnist,
  loadFashionMnistSmall,
  loadImageFiles,
  loadImageRecords,
  type LoadOptions,
  loadSvhn,
  loadSvhnCore,
  loadSynthetic,
  registerDataset,
  svhnFiles,
  type SyntheticOptions,
  take,
} from "./sets/mod.ts";
export type {
  ImageClassification,
  ImageFiles,
  ImageRecords,
  ImageSet,
  Labelled,
  RecordLayout,
} from "./types.ts";
