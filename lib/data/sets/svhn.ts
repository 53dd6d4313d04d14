/** SVHN, cropped digits (Netzer et al. 2011): see `data/svhn.md`. @module */
import { join } from "node:path";
import { datasetDirectory } from "./_data_dir.ts";
import { type MatArray, readMat } from "./_mat.ts";
import { type OfficialFile, provide } from "../download/mod.ts";
import { chosenSplit, type SplitOptions } from "./_validation.ts";
import { DataError } from "../data_error.ts";
import type { LoadOptions } from "./load_options.ts";
import type { ImageClassification, ImageSet } from "../types.ts";

const SIZE = 32, CHANNELS = 3;
const PIXELS = SIZE * SIZE * CHANNELS;

function official(name: string, bytes: number, sha256: string): OfficialFile {
  return { name, bytes, sha256, urls: [`http://ufldl.stanford.edu/housenumbers/${name}`] };
}

/** The authors' files. */
export const svhnFiles: Readonly<Record<"train" | "extra" | "test", OfficialFile>> = {
  train: official(
    "train_32x32.mat",
    182_040_794,
    "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8",
  ),
  extra: official(
    "extra_32x32.mat",
    1_329_278_602,
    "a133a4beb38a00fcdda90c9489e0c04f900b660ce8a316a5e854838379a71eb3",
  ),
  test: official(
    "test_32x32.mat",
    64_275_384,
    "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b",
  ),
};

/**
 * Loads SVHN with its extra images, as the paper trains on it: 604,388 training and 26,032 test
 * images, 32 x 32 x 3, ten classes. The images of all files are unpacked into one piece of memory, of
 * 1.9 GB. Files that hold fewer images are read as they are. A validation split is the last 7,328 of the
 * training file's 73,257 images, or the last tenth of fewer; the extra ones are trained on then, too.
 *
 * Mean and standard deviation are the reference's (`datasets/dataset_source.py`).
 *
 * @example
 * ```ts
 * import { DataError, loadSvhn } from "../mod.ts";
 *
 * try {
 *   const { train } = await loadSvhn({ download: false });
 *   console.assert(train.shape.join() === "32,32,3");
 * } catch (error) {
 *   if (!(error instanceof DataError)) throw error; // the files are not here
 * }
 * ```
 *
 * @throws {DataError} when a file is missing, damaged or of another kind
 */
export async function loadSvhn(options: LoadOptions = {}): Promise<ImageClassification> {
  return await load("svhn", [svhnFiles.train, svhnFiles.extra], options);
}

/**
 * Loads SVHN without its extra images: 73,257 training and 26,032 test images.
 *
 * @example
 * ```ts
 * import { DataError, loadSvhnCore } from "../mod.ts";
 *
 * try {
 *   const { train } = await loadSvhnCore({ download: false });
 *   console.assert(train.shape.join() === "32,32,3");
 * } catch (error) {
 *   if (!(error instanceof DataError)) throw error; // the files are not here
 * }
 * ```
 *
 * @throws {DataError} when a file is missing, damaged or of another kind
 */
export async function loadSvhnCore(options: LoadOptions = {}): Promise<ImageClassification> {
  return await load("svhn_core", [svhnFiles.train], options);
}

/**
 * How a training file of so many images is split for validation.
 *
 * Source: `SVHN` in `sam_jax/datasets/dataset_source.py` of the reference, `train[:65929]`.
 */
export function coreSplit(core: number): SplitOptions {
  return core === 73_257 ? { core, kept: 65_929 } : { core };
}

async function load(
  name: string,
  trainFiles: readonly OfficialFile[],
  options: LoadOptions,
): Promise<ImageClassification> {
  const folder = datasetDirectory("svhn", options.dataDir);
  for (const file of [...trainFiles, svhnFiles.test]) await provide(file, folder, options);
  const paths = (files: readonly OfficialFile[]) => files.map(({ name }) => join(folder, name));
  const train = await readSplit(paths(trainFiles), options.signal);
  const test = await readSplit(paths([svhnFiles.test]), options.signal);
  const [core] = train.counts as [number];
  return {
    name,
    classes: Array.from({ length: 10 }, (_, digit) => `${digit}`),
    ...chosenSplit(train.examples, test.examples, options, coreSplit(core)),
    mean: [0.43090966, 0.4302428, 0.44634357],
    standardDeviation: [0.19759192, 0.20029082, 0.19811132],
  };
}

/** The examples of files, one after another, and how many each file has. */
async function readSplit(
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ readonly examples: ImageSet; readonly counts: readonly number[] }> {
  const counts: number[] = [];
  for (const path of paths) counts.push(await countImages(path));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const images = new Uint8Array(total * PIXELS), labels = new Int32Array(total);
  let start = 0;
  for (const [index, path] of paths.entries()) {
    const end = start + counts[index]!;
    await readFile(
      path,
      images.subarray(start * PIXELS, end * PIXELS),
      labels.subarray(start, end),
      signal,
    );
    start = end;
  }
  return { examples: { images, labels, shape: [SIZE, SIZE, CHANNELS] }, counts };
}

async function countImages(path: string): Promise<number> {
  for await (const { name, shape, type } of readMat(path)) {
    const [height, width, channels, count = 1] = shape;
    if (
      name === "X" && type === "uint8" && shape.length <= 4 && height === SIZE && width === SIZE &&
      channels === CHANNELS && count > 0
    ) return count;
    throw unusable(path, `found the array ${name} of ${shape.join(" x ")}`, "X, 32 x 32 x 3 x N");
  }
  throw unusable(path, "found no array", "X, 32 x 32 x 3 x N");
}

/** @throws the signal's reason, soon after it is aborted */
async function readFile(
  path: string,
  images: Uint8Array,
  labels: Int32Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  const expected = `y, ${labels.length} x 1, after X`;
  let found: string | undefined = "no array of labels";
  for await (const array of readMat(path)) {
    if (array.name === "X") await unpackImages(array, images, signal);
    else if (array.name === "y" && array.shape.join() === `${labels.length},1`) {
      await unpackLabels(array, labels, path);
      found = undefined;
    } else found = `the array ${array.name} of ${array.shape.join(" x ")}`;
  }
  if (found !== undefined) throw unusable(path, `found ${found}`, expected);
}

/** Where each value of an image in the file, column by column, plane by plane, belongs. */
const PLACES = Int32Array.from({ length: PIXELS }, (_, at) => {
  const row = at % SIZE, column = Math.floor(at / SIZE) % SIZE;
  return (row * SIZE + column) * CHANNELS + Math.floor(at / (SIZE * SIZE));
});

async function unpackImages(
  array: MatArray,
  images: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  let image = 0, at = 0;
  for await (const piece of array.values()) {
    signal?.throwIfAborted();
    for (const value of piece) {
      images[image + PLACES[at]!] = value;
      if (++at === PIXELS) [image, at] = [image + PIXELS, 0];
    }
  }
}

/** The digit 0 has the label 10. */
async function unpackLabels(array: MatArray, labels: Int32Array, path: string): Promise<void> {
  const bytes = new Uint8Array(labels.length * (array.type === "uint8" ? 1 : 8));
  let filled = 0;
  for await (const piece of array.values()) {
    bytes.set(piece, filled);
    filled += piece.length;
  }
  const values = array.type === "uint8" ? bytes : new Float64Array(bytes.buffer);
  values.forEach((label, example) => {
    if (!(Number.isInteger(label) && label >= 1 && label <= 10)) {
      throw unusable(path, `found label ${label} for example ${example}`, "1 to 10");
    }
    labels[example] = label % 10;
  });
}

function unusable(path: string, found: string, expected: string): DataError {
  return new DataError(
    `Cannot use ${path}: ${found}, expected ${expected}; delete the file and load the set again to ` +
      "download it anew",
    path,
  );
}
