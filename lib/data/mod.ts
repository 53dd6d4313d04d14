/**
 * Data sets in memory, images as bytes and labels as integers, and the pipelines that make batches
 * of them.
 *
 * @module
 */
export { cifarArchives, loadCifar10, loadCifar100 } from "./cifar.ts";
export { DataError } from "./data_error.ts";
export { basic } from "./augment/basic.ts";
export { download, type DownloadOptions, type DownloadProgress } from "./download.ts";
export { fashionMnistFiles, loadFashionMnist } from "./fashion_mnist.ts";
export {
  type LabelNoiseOptions,
  type NoisyImageSet,
  withSymmetricLabelNoise,
} from "./label_noise.ts";
export {
  type Augmentation,
  augmentations,
  type BatchAugmentation,
  batchAugmentations,
  evaluationPipeline,
  type ImageBatch,
  type PipelineOptions,
  trainingPipeline,
} from "./pipeline.ts";
export { type DatasetLoader, datasets, loadDataset } from "./registry.ts";
export { synthetic, type SyntheticOptions } from "./synthetic.ts";
export type { LoadOptions } from "./load_options.ts";
export { take } from "./take.ts";
export type { ImageClassification, ImageSet } from "./types.ts";
