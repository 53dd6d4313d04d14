/**
 * The data sets, by name and one by one.
 *
 * @module
 */
export { cifarArchives, loadCifar10, loadCifar100 } from "./cifar.ts";
export { fashionMnistFiles, loadFashionMnist, loadFashionMnistSmall } from "./fashion_mnist.ts";
export { isImageFiles, loadImageFiles } from "./image_files.ts";
export { isImageRecords, loadImageRecords } from "./image_records.ts";
export type { LoadOptions } from "./load_options.ts";
export {
  type DatasetLoader,
  datasetNames,
  datasetOf,
  type ExamplesOf,
  type InMemoryName,
  loadDataset,
  registerDataset,
} from "./registry.ts";
export { loadSvhn, loadSvhnCore, svhnFiles } from "./svhn.ts";
export { loadSynthetic, type SyntheticOptions } from "./synthetic.ts";
export { take } from "./take.ts";
