/** The data sets by name. @module */
import { loadCifar10, loadCifar100 } from "./cifar.ts";
import { loadFashionMnist } from "./fashion_mnist.ts";
import type { LoadOptions } from "./load_options.ts";
import { loadSvhn, loadSvhnCore } from "./svhn.ts";
import { synthetic } from "./synthetic.ts";
import type { ImageClassification } from "../types.ts";

/** Gives a data set in memory. */
export type DatasetLoader = (options?: LoadOptions) => Promise<ImageClassification>;

/** Name to loader: adding a data set is one line here. */
export const datasets: Readonly<Record<string, DatasetLoader>> = {
  cifar10: loadCifar10,
  cifar100: loadCifar100,
  fashion_mnist: loadFashionMnist,
  svhn: loadSvhn,
  svhn_core: loadSvhnCore,
  synthetic: (options) => Promise.try(() => synthetic({ ...options, size: 28, channels: 1 })),
  synthetic_16: (options) => Promise.try(() => synthetic({ ...options, size: 16, channels: 1 })),
  synthetic_32: (options) => Promise.try(() => synthetic({ ...options, size: 32, channels: 3 })),
};

/** The names of all data sets, those in files too. */
export const datasetNames: readonly string[] = [
  ...Object.keys(datasets),
  "imagenet",
  "folder:PATH",
  "records:PATH",
];

/**
 * Loads a data set by its name in {@linkcode datasets}.
 *
 * @throws {RangeError} on an unknown name; the message lists the known ones
 */
export async function loadDataset(
  name: string,
  options?: LoadOptions,
): Promise<ImageClassification> {
  const load = Object.hasOwn(datasets, name) ? datasets[name] : undefined;
  if (load === undefined) {
    throw new RangeError(
      `Cannot load data set "${name}": the known names are ${datasetNames.join(", ")}`,
    );
  }
  return { ...await load(options), name };
}
