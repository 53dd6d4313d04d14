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
  hasRandomCrops,
  type ImageBatch,
  operateAtLevels,
  type Operation,
  operationNames,
  type Policy,
  randAugment,
  type RandAugmentOptions,
} from "./augment/mod.ts";
export { DataError } from "./data_error.ts";
export { download, type DownloadOptions, type DownloadProgress } from "./download/mod.ts";
export {
  type AsymmetricLabelNoiseOptions,
  type LabelNoise,
  type LabelNoiseOptions,
  withAsymmetricLabelNoise,
  withSymmetricLabelNoise,
} from "./label_noise.ts";
export {
  evaluationFilePipeline,
  evaluationPipeline,
  evaluationRecordPipeline,
  type FilePipelineOptions,
  findUndecodable,
  type PipelineOptions,
  trainingFilePipeline,
  trainingPipeline,
  trainingRecordPipeline,
} from "./pipeline/mod.ts";
export {
  cifarArchives,
  type DatasetLoader,
  datasetNames,
  datasets,
  fashionMnistFiles,
  type ImageFileOptions,
  isImageFiles,
  isImageRecords,
  loadCifar10,
  loadCifar100,
  loadDataset,
  loadFashionMnist,
  loadImageFiles,
  loadImageRecords,
  type LoadOptions,
  loadSvhn,
  loadSvhnCore,
  svhnFiles,
  synthetic,
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
