/**
 * Data sets in memory: images as bytes, labels as integers. Pure TypeScript, without TensorFlow.
 *
 * @module
 */
export { DataError } from "./data_error.ts";
export { download, type DownloadOptions, type DownloadProgress } from "./download.ts";
export { fashionMnistFiles, type FashionMnistOptions, loadFashionMnist } from "./fashion_mnist.ts";
export {
  type LabelNoiseOptions,
  type NoisyImageSet,
  withSymmetricLabelNoise,
} from "./label_noise.ts";
export { type DatasetLoader, datasets, loadDataset, type LoadOptions } from "./registry.ts";
export { synthetic, type SyntheticOptions } from "./synthetic.ts";
export { take } from "./take.ts";
export type { ImageClassification, ImageSet } from "./types.ts";
