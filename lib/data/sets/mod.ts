/**
 * The data sets, by name and one by one.
 *
 * @module
 */
export { cifarArchives, loadCifar10, loadCifar100 } from "./cifar.ts";
export { fashionMnistFiles, loadFashionMnist } from "./fashion_mnist.ts";
export { type ImageFileOptions, isImageFiles, loadImageFiles } from "./image_files.ts";
export { isImageRecords, loadImageRecords } from "./image_records.ts";
export type { LoadOptions } from "./load_options.ts";
export { type DatasetLoader, datasetNames, datasets, loadDataset } from "./registry.ts";
export { loadSvhn, loadSvhnCore, svhnFiles } from "./svhn.ts";
export { synthetic, type SyntheticOptions } from "./synthetic.ts";
export { take } from "./take.ts";
