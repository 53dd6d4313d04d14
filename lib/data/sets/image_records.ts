/** Images in TFRecords of `tf.train.Example`, as TFDS and the TensorFlow model garden write them. @module */
import { Buffer } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { reasonOf } from "../../system/mod.ts";
import { DataError, OptionError } from "../data_error.ts";
import type { ImageClassification, ImageRecords, RecordLayout } from "../types.ts";
import { datasetDirectory } from "./_data_dir.ts";
import { IMAGENET_MEAN, IMAGENET_STANDARD_DEVIATION } from "./_imagenet.ts";
import { requireImageSize } from "./image_files.ts";
import type { LoadOptions } from "./load_options.ts";
import { requireAvailable } from "./take.ts";

const PREFIX = "records:";
/** `…train…-00000-of-01024`, with the split's name at the beginning or after a separator. */
const TRAIN = /(?:^|[-_.])train[-_.].*\d+-of-\d+$/,
  TEST = /(?:^|[-_.])(?:validation|val|test)[-_.].*\d+-of-\d+$/;
/** Files of class names, one a line. */
const CLASS_FILES = ["labels.txt", "label.labels.txt"];
/** Of ImageNet, where no file tells the classes. */
const CLASSES = 1000;
/** A record has its length (8 bytes) with a checksum (4) before it, and a checksum (4) behind it. */
const HEAD = 12, FOOT = 4;
/** No record is longer. */
const MAX_RECORD = 2 ** 31;

const LAYOUTS: readonly RecordLayout[] = [
  { image: "image/encoded", label: "image/class/label", firstLabel: 1 },
  { image: "image", label: "label", firstLabel: 0 },
];

/**
 * Whether a name is that of a set in record files.
 *
 * @example
 * ```ts
 * import { isImageRecords } from "../mod.ts";
 *
 * console.assert(isImageRecords("records:birds") && !isImageRecords("folder:birds"));
 * ```
 */
export function isImageRecords(name: string): boolean {
  return name.startsWith(PREFIX);
}

/**
 * Finds the records of `records:PATH`: files `…train…-00000-of-01024` and `…validation…` (or `val`,
 * `test`) whose examples have the features `image` and `label` (TFDS) or `image/encoded` and
 * `image/class/label`, counted from 1 (model garden). Class names are read from `labels.txt` or
 * `label.labels.txt`, if there is one; else there are 1,000.
 *
 * Every file is walked through once, from record to record, to count them.
 *
 * @example
 * ```ts
 * import { DataError, loadImageRecords } from "../mod.ts";
 *
 * try {
 *   const { train, classes } = await loadImageRecords("records:birds", { imageSize: 64 });
 *   console.assert(train.shape.join() === "64,64,3" && classes.length > 1);
 * } catch (error) {
 *   if (!(error instanceof DataError)) throw error; // the files are not here
 * }
 * ```
 *
 * @throws {DataError} if there are no such files, one is truncated or not a record file, or the first
 *   example has none of these features
 * @throws OptionError for a size that is not a positive integer, and for `validation`
 * @throws the signal's reason after the file that is being counted when it is aborted
 */
export async function loadImageRecords(
  name: string,
  { imageSize = 224, validation, trainCount, testCount, dataDir, signal }: LoadOptions = {},
): Promise<ImageClassification<ImageRecords>> {
  requireImageSize(imageSize);
  if (validation) {
    throw new OptionError(
      "validation",
      `Cannot hold out examples of ${name} for validation: those of record files are not known before ` +
        "they are read; write a validation split of their own",
    );
  }
  const path = name.slice(PREFIX.length);
  const root = isAbsolute(path) ? path : datasetDirectory(path, dataDir);
  const names = await namesIn(root);
  const find = async (
    pattern: RegExp,
    what: string,
    option: "trainCount" | "testCount",
    count?: number,
  ) => {
    const paths = names.filter((name) => pattern.test(name)).map((name) => join(root, name));
    if (paths.length === 0) {
      throw new DataError(
        `Cannot load the data set: found no record files for ${what} in ${root}, such as ` +
          `${what}-00000-of-01024`,
        root,
      );
    }
    let available = 0;
    for (const path of paths) {
      // Signals arrive between turns of the event loop.
      await setImmediate();
      signal?.throwIfAborted();
      available += countRecords(path);
    }
    if (available === 0) {
      throw new DataError(`Cannot use ${root}: found no records for ${what}`, root);
    }
    if (count !== undefined) requireAvailable(available, count, option);
    return {
      paths,
      available,
      count: count ?? available,
      layout: layoutOf(paths[0]!),
      shape: [imageSize, imageSize, 3] as const,
    };
  };
  return {
    name,
    classes: await classNames(root, names),
    train: await find(TRAIN, "train", "trainCount", trainCount),
    test: await find(TEST, "validation", "testCount", testCount),
    mean: IMAGENET_MEAN,
    standardDeviation: IMAGENET_STANDARD_DEVIATION,
  };
}

async function namesIn(root: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(root));
    return entries.filter(({ isFile, isSymlink }) => isFile || isSymlink)
      .map(({ name }) => name).sort();
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new DataError(`Cannot load the data set: found no ${root} (${reason})`, root, { cause });
  }
}

async function classNames(root: string, names: readonly string[]): Promise<string[]> {
  const file = CLASS_FILES.find((name) => names.includes(name));
  if (file === undefined) return Array.from({ length: CLASSES }, (_, label) => `${label}`);
  const text = await Deno.readTextFile(join(root, file));
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** @throws {DataError} if the file does not end with a record's end */
function countRecords(path: string): number {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const head = Buffer.alloc(HEAD);
    let count = 0;
    for (let at = 0; at < size; count++) {
      const length = lengthAt(file, head, at);
      const end = at + HEAD + (length ?? 0) + FOOT;
      if (length === undefined || end > size) {
        throw new DataError(
          `Cannot read ${path}: its record ${count} at byte ${at} goes beyond its end at ${size}; ` +
            "it is truncated or not a record file",
          path,
        );
      }
      at = end;
    }
    return count;
  } finally {
    closeSync(file);
  }
}

function lengthAt(file: number, head: Buffer, at: number): number | undefined {
  if (readSync(file, head, 0, HEAD, at) < HEAD) return undefined;
  const length = head.readBigUInt64LE(0);
  return length < MAX_RECORD ? Number(length) : undefined;
}

/** What the first example has: its features' names stand in it as they are. */
function layoutOf(path: string): RecordLayout {
  const file = openSync(path, "r");
  try {
    const length = lengthAt(file, Buffer.alloc(HEAD), 0) ?? 0;
    const record = Buffer.alloc(length);
    readSync(file, record, 0, length, HEAD);
    const layout = LAYOUTS.find(({ image, label }) =>
      record.includes(image) && record.includes(label)
    );
    if (layout) return layout;
    const wanted = LAYOUTS.map(({ image, label }) => `${image} and ${label}`).join(", or ");
    throw new DataError(`Cannot use ${path}: its first example has no features ${wanted}`, path);
  } finally {
    closeSync(file);
  }
}
