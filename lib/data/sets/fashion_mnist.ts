/**
 * Fashion-MNIST (Xiao, Rasul, Vollgraf 2017) and its embedded part: see `data/fashion_mnist.md` and
 * `data/fashion_mnist_small.md`.
 *
 * @module
 */
import { join } from "node:path";
import { reasonOf } from "../../system/mod.ts";
import { datasetDirectory } from "./_data_dir.ts";
import { readIdx, unpackIdx } from "./_idx.ts";
import { provide } from "../download/mod.ts";
import { chosenSplit } from "./_validation.ts";
import { DataError } from "../data_error.ts";
import type { LoadOptions } from "./load_options.ts";
import type { ImageClassification, ImageSet } from "../types.ts";

/** Where the files can be had, in order. Plain HTTP is safe here: the checksums are pinned. */
const mirrors = [
  "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
  "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
];

/** The official files; their md5 sums are those of the authors' README. */
export const fashionMnistFiles = {
  trainImages: {
    name: "train-images-idx3-ubyte.gz",
    bytes: 26_421_880,
    sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
  },
  trainLabels: {
    name: "train-labels-idx1-ubyte.gz",
    bytes: 29_515,
    sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
  },
  testImages: {
    name: "t10k-images-idx3-ubyte.gz",
    bytes: 4_422_102,
    sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
  },
  testLabels: {
    name: "t10k-labels-idx1-ubyte.gz",
    bytes: 5_148,
    sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
  },
} as const;

const classes = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];

/**
 * Loads Fashion-MNIST: 60,000 training and 10,000 test images, 28 x 28 x 1, ten classes.
 *
 * Mean and standard deviation are the reference's constants (those of MNIST: 0.1307 and 0.3081),
 * so that runs compare with it; the set's own are 0.2860 and 0.3530.
 *
 * @example
 * ```ts
 * import { DataError, loadFashionMnist } from "../mod.ts";
 *
 * try {
 *   const { train } = await loadFashionMnist({ download: false });
 *   console.assert(train.shape.join() === "28,28,1");
 * } catch (error) {
 *   if (!(error instanceof DataError)) throw error; // the files are not here
 * }
 * ```
 *
 * @throws {DataError} when a file is missing, damaged or of another kind
 */
export async function loadFashionMnist(options: LoadOptions = {}): Promise<ImageClassification> {
  const folder = datasetDirectory("fashion_mnist", options.dataDir);
  // All files first: a missing one must not show only after the others were read.
  for (const file of Object.values(fashionMnistFiles)) {
    const urls = mirrors.map((mirror) => mirror + file.name);
    await provide({ ...file, urls }, folder, options);
  }
  const files = { pathOf: (name: string) => join(folder, name), read: readIdx };
  return await load("fashion_mnist", [60_000, 10_000], files, options);
}

/**
 * Loads the part of Fashion-MNIST that comes with this package: its first 2,000 training and first 1,000
 * test images, without a download.
 *
 * @example
 * ```ts
 * import { loadFashionMnistSmall } from "../mod.ts";
 *
 * const { train, classes } = await loadFashionMnistSmall();
 * console.assert(classes[train.labels[0]!] === "Ankle boot");
 * ```
 *
 * @throws {DataError} when a file cannot be read
 */
export async function loadFashionMnistSmall(
  options: LoadOptions = {},
): Promise<ImageClassification> {
  const files: Files = {
    pathOf: (name) => new URL(`../../../data/fashion_mnist_small/${name}`, import.meta.url).href,
    read: (url, shape) => unpackIdx(fetched(url, options.signal), shape, url),
  };
  return await load("fashion_mnist_small", [2000, 1000], files, options);
}

/** What lies beside this module, in a clone or wherever it was imported from. */
async function* fetched(url: string, signal: AbortSignal | undefined) {
  try {
    const response = await fetch(url, { signal: signal ?? null });
    if (!response.ok) throw new Error(`HTTP ${response.status} ${response.statusText}`.trimEnd());
    yield* response.body ?? [];
  } catch (cause) {
    signal?.throwIfAborted();
    const reason = reasonOf(cause);
    throw new DataError(`Cannot read ${url}: ${reason}`, url, { cause });
  }
}

/** Where the files are, and how the elements of one are read, which must have a shape. */
interface Files {
  pathOf(name: string): string;
  read(path: string, shape: readonly number[]): Promise<Uint8Array>;
}

async function load(
  name: string,
  [trainCount, testCount]: readonly [number, number],
  files: Files,
  options: LoadOptions,
): Promise<ImageClassification> {
  const { trainImages, trainLabels, testImages, testLabels } = fashionMnistFiles;
  const train = await readSplit(files, trainImages.name, trainLabels.name, trainCount);
  const test = await readSplit(files, testImages.name, testLabels.name, testCount);
  return {
    name,
    classes,
    ...chosenSplit(train, test, options),
    mean: [0.1307],
    standardDeviation: [0.3081],
  };
}

async function readSplit(
  { pathOf, read }: Files,
  imagesName: string,
  labelsName: string,
  count: number,
): Promise<ImageSet> {
  const images = await read(pathOf(imagesName), [count, 28, 28]);
  const labelsPath = pathOf(labelsName);
  const labels = Int32Array.from(await read(labelsPath, [count]));
  const wrong = labels.findIndex((label) => label >= classes.length);
  if (wrong >= 0) {
    throw new DataError(
      `Cannot use ${labelsPath}: found label ${
        labels[wrong]
      } for example ${wrong}, expected 0 to ` +
        `${classes.length - 1}; delete the file and load the set again to download it anew`,
      labelsPath,
    );
  }
  return { images, labels, shape: [28, 28, 1] };
}
