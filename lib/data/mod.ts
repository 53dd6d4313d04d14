/**
 * Data sets in memory, images as bytes and labels as integers, and the pipelines that make batches
 * of them.
 *
 * @module
 */
export { cifarArchives, loadCifar10, loadCifar100 } from "./cifar.ts";
export { DataError } from "./data_error.ts";
export { autoAugment } from "./augment/auto_augment.ts";
export { basic } from "./augment/basic.ts";
export { type Policy } from "./augment/policies.ts";
export { type Operation, OPERATIONS as operationNames } from "./augment/operation.ts";
export { operateAtLevels, randAugment, type RandAugmentOptions } from "./augment/rand_augment.ts";
export {
  batchAugmentationNames,
  batchAugmentationOf,
  type BatchAugmentationOptions,
} from "./augment/batch_registry.ts";
export { augmentationNames, augmentationOf, hasRandomCrops } from "./augment/registry.ts";
export type { Augmentation, BatchAugmentation, ImageBatch } from "./augment/types.ts";
export { download, type DownloadOptions, type DownloadProgress } from "./download.ts";
export { fashionMnistFiles, loadFashionMnist } from "./fashion_mnist.ts";
export {
  type AsymmetricLabelNoiseOptions,
  type LabelNoise,
  type LabelNoiseOptions,
  withAsymmetricLabelNoise,
  withSymmetricLabelNoise,
} from "./label_noise.ts";
export { evaluationPipeline, type PipelineOptions, trainingPipeline } from "./pipeline.ts";
export { type DatasetLoader, datasetNames, datasets, loadDataset } from "./registry.ts";
export { loadSvhn, loadSvhnCore, svhnFiles } from "./svhn.ts";
export {
  evaluationFilePipeline,
  evaluationRecordPipeline,
  type FilePipelineOptions,
  trainingFilePipeline,
  trainingRecordPipeline,
} from "./file_pipeline.ts";
export {
  type ImageRecords,
  isImageRecords,
  loadImageRecords,
  type RecordLayout,
} from "./image_records.ts";
export {
  findUndecodable,
  type ImageFileOptions,
  isImageFiles,
  loadImageFiles,
} from "./image_files.ts";
export { synthetic, type SyntheticOptions } from "./synthetic.ts";
export type { LoadOptions } from "./load_options.ts";
export { take } from "./take.ts";
export type { ImageClassification, ImageFiles, ImageSet, Labelled } from "./types.ts";
