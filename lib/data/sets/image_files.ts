/** Images in class folders: ImageNet, and any set for finetuning; see `data/folder.md`. @module */
import { isAbsolute, join } from "node:path";
import { reasonOf } from "../../system/mod.ts";
import { DataError, OptionError } from "../data_error.ts";
import { findUndecodable } from "../pipeline/mod.ts";
import { permutation, randomStream } from "../random_stream.ts";
import type { ImageClassification, ImageFiles } from "../types.ts";
import { datasetDirectory } from "./_data_dir.ts";
import { formatOf } from "./_image_header.ts";
import { IMAGENET_MEAN, IMAGENET_STANDARD_DEVIATION } from "./_imagenet.ts";
import type { LoadOptions } from "./load_options.ts";
import { requireAvailable } from "./take.ts";

const EXTENSION = /\.(jpe?g|png)$/i;
const TRAIN = ["train"], TEST = ["val", "test", "validation"];
/** Share of the examples that are evaluated where there is no folder for them, or for validation. */
const HELD_OUT = 0.1;
const PREFIX = "folder:";

/**
 * Whether a name is that of a set in files.
 *
 * @example
 * ```ts
 * import { isImageFiles } from "../mod.ts";
 *
 * console.assert(isImageFiles("imagenet") && isImageFiles("folder:birds"));
 * console.assert(!isImageFiles("cifar10"));
 * ```
 */
export function isImageFiles(name: string): boolean {
  return name === "imagenet" || name.startsWith(PREFIX);
}

/**
 * Finds the images of `imagenet`, or of `folder:PATH`: a folder for each class in `train` and in `val`
 * (or `test`, `validation`); or the folders of the classes themselves, of which a tenth of the examples
 * is evaluated. Classes are in the order of their names, examples in a random one that is always the
 * same.
 *
 * @example
 * ```ts
 * import { DataError, loadImageFiles } from "../mod.ts";
 *
 * try {
 *   const { train, classes } = await loadImageFiles("folder:birds", { imageSize: 64 });
 *   console.assert(train.shape.join() === "64,64,3" && classes.length > 1);
 * } catch (error) {
 *   if (!(error instanceof DataError)) throw error; // the files are not here
 * }
 * ```
 *
 * @param name relative paths are in the folder of data sets
 * @throws {DataError} if there is no such folder, it has no images, a class has none, or a file is not
 *   an image
 * @throws the signal's reason, soon after it is aborted
 * @throws RangeError for a size that is not a positive integer
 */
export async function loadImageFiles(
  name: string,
  options: LoadOptions = {},
): Promise<ImageClassification<ImageFiles>> {
  const { imageSize = 224, validation = false, trainCount, testCount } = options;
  requireImageSize(imageSize);
  const path = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
  const root = isAbsolute(path) ? path : datasetDirectory(path, options.dataDir);
  const folders = await subfolders(root);
  const trainFolder = folders.find((folder) => TRAIN.includes(folder));
  const testFolder = TEST.find((folder) => folders.includes(folder));
  const classes = await subfolders(trainFolder === undefined ? root : join(root, trainFolder));
  const find = (folder: string) => findImages(folder, classes, imageSize, options);
  const all = await find(trainFolder === undefined ? root : join(root, trainFolder));
  if (classes.length < 2) {
    throw new DataError(
      `Cannot use ${root}: found images of ${classes.length} class, expected 2 or more`,
      root,
    );
  }
  const hasTest = trainFolder !== undefined && testFolder !== undefined;
  const [train, test] = hasTest && !validation
    ? [all, await find(join(root, testFolder))]
    : split(all);
  return {
    name,
    classes,
    train: takeFiles(train, trainCount, "trainCount"),
    test: takeFiles(test, testCount, "testCount"),
    mean: IMAGENET_MEAN,
    standardDeviation: IMAGENET_STANDARD_DEVIATION,
  };
}

/** @throws OptionError unless it is a positive integer */
export function requireImageSize(size: number): void {
  if (Number.isInteger(size) && size > 0) return;
  throw new OptionError(
    "imageSize",
    `Cannot load images of size ${size}: it must be a positive integer`,
  );
}

async function findImages(
  folder: string,
  classes: readonly string[],
  size: number,
  { corruptImages = "error", onCorrupt, signal }: LoadOptions,
): Promise<ImageFiles> {
  const found: { path: string; label: number }[] = [];
  let allJpeg = true;
  for (const [label, name] of classes.entries()) {
    const before = found.length;
    for (const path of await imagesOf(join(folder, name), signal)) {
      signal?.throwIfAborted();
      const format = formatOf(await firstBytes(path));
      if (format === undefined && corruptImages === "error") {
        throw new DataError(
          `Cannot use ${path}: it is neither JPEG nor PNG; remove it, or leave such files out ` +
            "(corruptImages: skip)",
          path,
        );
      }
      const isLeftOut = format === undefined ||
        corruptImages === "skip" && await findUndecodable([path]) !== undefined;
      if (isLeftOut) {
        onCorrupt?.(path);
        continue;
      }
      allJpeg &&= format === "jpeg";
      found.push({ path, label });
    }
    if (found.length === before) {
      throw new DataError(
        `Cannot use ${join(folder, name)}: found no images (.jpg, .jpeg, .png) of this class`,
        join(folder, name),
      );
    }
  }
  // Not by class, so that the first ones are of all classes.
  const order = permutation(randomStream(0, "files/order"), found.length);
  return {
    paths: Array.from(order, (index) => found[index]!.path),
    labels: Int32Array.from(order, (index) => found[index]!.label),
    shape: [size, size, 3],
    allJpeg,
  };
}

async function subfolders(path: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isDirectory, isSymlink } of Deno.readDir(path)) {
      if ((isDirectory || isSymlink) && !name.startsWith(".")) names.push(name);
    }
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new DataError(
      `Cannot load the data set: found no ${path} (${reason}); it must hold a folder of images for ` +
        "each class, or such folders in train and val",
      path,
      { cause },
    );
  }
  if (names.length === 0) {
    throw new DataError(`Cannot load the data set: found no folders of classes in ${path}`, path);
  }
  return names.sort();
}

/** Image files of a folder, below it too, in the order of their names. */
async function imagesOf(folder: string, signal?: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  signal?.throwIfAborted();
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory) found.push(...await imagesOf(path, signal));
      else if (EXTENSION.test(name)) found.push(path);
    }
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new DataError(`Cannot read ${folder}: ${reason}`, folder, { cause });
  }
  return found.sort();
}

async function firstBytes(path: string): Promise<Uint8Array> {
  try {
    using file = await Deno.open(path);
    const bytes = new Uint8Array(8);
    const count = await file.read(bytes);
    return bytes.subarray(0, count ?? 0);
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new DataError(`Cannot read ${path}: ${reason}`, path, { cause });
  }
}

function split(files: ImageFiles): [ImageFiles, ImageFiles] {
  const kept = Math.floor((1 - HELD_OUT) * files.paths.length);
  return [slice(files, 0, kept), slice(files, kept, files.paths.length)];
}

function takeFiles(files: ImageFiles, count: number | undefined, option: string): ImageFiles {
  if (count === undefined) return files;
  requireAvailable(files.paths.length, count, option);
  return slice(files, 0, count);
}

function slice(files: ImageFiles, start: number, end: number): ImageFiles {
  return {
    ...files,
    paths: files.paths.slice(start, end),
    labels: files.labels.subarray(start, end),
  };
}
