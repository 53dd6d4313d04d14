/** The data sets by name. @module */
import { requireFreeName, requireFunction } from "../../system/mod.ts";
import { type ImageSource, imageSource } from "../pipeline/mod.ts";
import type { ImageClassification, ImageFiles, ImageRecords, ImageSet } from "../types.ts";
import { loadCifar10, loadCifar100 } from "./cifar.ts";
import { loadFashionMnist, loadFashionMnistSmall } from "./fashion_mnist.ts";
import { isImageFiles, loadImageFiles } from "./image_files.ts";
import { isImageRecords, loadImageRecords } from "./image_records.ts";
import type { LoadOptions } from "./load_options.ts";
import { loadSvhn, loadSvhnCore } from "./svhn.ts";
import { loadSynthetic } from "./synthetic.ts";

/** Gives a data set. */
export type DatasetLoader = (options: LoadOptions) => ImageSource | Promise<ImageSource>;

/** Sets that are loaded into memory: adding one is a line here. */
const inMemory = {
  cifar10: loadCifar10,
  cifar100: loadCifar100,
  fashion_mnist: loadFashionMnist,
  fashion_mnist_small: loadFashionMnistSmall,
  svhn: loadSvhn,
  svhn_core: loadSvhnCore,
  synthetic: (options: LoadOptions): Promise<ImageClassification> =>
    loadSynthetic({ ...options, size: 28, channels: 1 }),
  synthetic_16: (options: LoadOptions): Promise<ImageClassification> =>
    loadSynthetic({ ...options, size: 16, channels: 1 }),
  synthetic_32: (options: LoadOptions): Promise<ImageClassification> =>
    loadSynthetic({ ...options, size: 32, channels: 3 }),
} as const satisfies Record<string, (options: LoadOptions) => Promise<ImageClassification>>;

/** The name of a data set that is loaded into memory. */
export type InMemoryName = keyof typeof inMemory;

const loaders = new Map<string, DatasetLoader>(
  Object.entries(inMemory).map(([name, load]) => [
    name,
    async (options) => imageSource({ ...await load(options), name }, options),
  ]),
);

const names: string[] = [...loaders.keys(), "imagenet", "folder:PATH", "records:PATH"];

/** The names of all data sets, those in files and registered ones too. */
export const datasetNames: readonly string[] = names;

/**
 * Adds a data set by a name, which then serves wherever a data set is named: `loadDataset`, the
 * configuration of a run, a sweep.
 *
 * The name is all that tells a run's results from those of another data set: take another one, such as
 * `digits_2`, when the data change.
 *
 * @example
 * ```ts
 * import { imageSource, loadDataset, registerDataset } from "../mod.ts";
 *
 * registerDataset("bright_or_dark_1", (options) => {
 *   const labels = Int32Array.from({ length: 64 }, (_, index) => index % 2);
 *   const images = Uint8Array.from({ length: 64 * 64 }, (_, at) => labels[at >> 6]! ? 250 : 5);
 *   const set = { images, labels, shape: [8, 8, 1] as const };
 *   return imageSource({
 *     name: "bright_or_dark_1",
 *     classes: ["dark", "bright"],
 *     train: set,
 *     test: set,
 *     mean: [0.5],
 *     standardDeviation: [0.5],
 *   }, options);
 * });
 * console.assert((await loadDataset("bright_or_dark_1")).trainExamples === 64);
 * ```
 *
 * @throws RangeError for a name that is taken, or that no folder could have
 * @throws TypeError for a loader that is no function, or (when it loads) gives no source
 */
export function registerDataset(name: string, load: DatasetLoader): void {
  requireFreeName("data set", name, loaders.has(name) || isImageFiles(name));
  requireFunction("data set", name, load);
  loaders.set(name, async (options) => loadedBy(name, await load(options)));
  names.push(name);
}

/** @throws TypeError unless what a loader gave is a source */
function loadedBy(name: string, source: ImageSource): ImageSource {
  if (typeof source?.training === "function" && typeof source.evaluation === "function") {
    return source;
  }
  throw new TypeError(
    `Cannot load data set "${name}": its loader gives ${source}, and must give what imageSource makes`,
  );
}

/**
 * What loads the data set of a name.
 *
 * @example
 * ```ts
 * import { datasetOf } from "../mod.ts";
 *
 * const source = await datasetOf("synthetic")({ trainCount: 10, testCount: 10 });
 * console.assert(source.trainExamples === 10);
 * ```
 *
 * @throws {RangeError} on an unknown name; the message lists the known ones
 */
export function datasetOf(name: string): DatasetLoader {
  if (/^(folder|records):\s*$/.test(name)) {
    throw new RangeError(
      `Cannot load data set "${name}": it names no folder; write that behind the colon, such as ` +
        `${name.trim()}birds`,
    );
  }
  if (isImageFiles(name)) {
    return async (options) => imageSource(await loadImageFiles(name, options));
  }
  if (isImageRecords(name)) {
    return async (options) => imageSource(await loadImageRecords(name, options));
  }
  const load = loaders.get(name);
  if (load !== undefined) return load;
  throw new RangeError(
    `Cannot load data set "${name}": the known names are ${datasetNames.join(", ")}`,
  );
}

/**
 * Loads a data set by its name, one of {@linkcode datasetNames}.
 *
 * @example
 * ```ts
 * import { loadDataset } from "../mod.ts";
 *
 * const source = await loadDataset("synthetic", { trainCount: 100, testCount: 50 });
 * console.assert(source.classes.length === 10 && source.train.images.length === 100 * 28 * 28);
 * const training = source.training({ batchSize: 32, augmentation: "basic" });
 * console.assert(training.size === 3);
 * ```
 *
 * @throws {RangeError} on an unknown name; the message lists the known ones
 * @throws {OptionError} on an option that this set cannot be loaded with
 * @throws {DataError} when a file is missing, damaged or of another kind
 */
export async function loadDataset<const Name extends string>(
  name: Name,
  options: LoadOptions = {},
): Promise<ImageSource<ExamplesOf<Name>>> {
  return await datasetOf(name)(options) as ImageSource<ExamplesOf<Name>>;
}

/** What the examples of a data set are, as far as its name tells. */
export type ExamplesOf<Name extends string> = Name extends InMemoryName ? ImageSet
  : Name extends "imagenet" | `folder:${string}` ? ImageFiles
  : Name extends `records:${string}` ? ImageRecords
  : ImageSource["train"];
