/** CIFAR-10 and CIFAR-100 (Krizhevsky 2009): see `data/cifar.md`. @module */
import { join } from "node:path";
import { reasonOf } from "../../system/mod.ts";
import { type Archive, provideArchive } from "../download/mod.ts";
import { datasetDirectory } from "./_data_dir.ts";
import { parseRecords, type RecordFormat } from "./_cifar_records.ts";
import { chosenSplit } from "./_validation.ts";
import { DataError } from "../data_error.ts";
import type { LoadOptions } from "./load_options.ts";
import type { ImageClassification, ImageSet } from "../types.ts";

const TRAIN_10: readonly string[] = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);

/** The authors' archives. */
export const cifarArchives = {
  cifar10: {
    name: "cifar-10-binary.tar.gz",
    bytes: 170_052_171,
    sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    urls: ["https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"],
    folder: "cifar-10-batches-bin",
    members: [...TRAIN_10, "test_batch.bin", "batches.meta.txt"],
  },
  cifar100: {
    name: "cifar-100-binary.tar.gz",
    bytes: 168_513_733,
    sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
    urls: ["https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"],
    folder: "cifar-100-binary",
    members: ["train.bin", "test.bin", "fine_label_names.txt"],
  },
} as const satisfies Record<string, Archive>;

/**
 * Loads CIFAR-10: 50,000 training and 10,000 test images, 32 x 32 x 3, ten classes. Files that hold
 * fewer records are read as they are.
 *
 * Mean and standard deviation are the reference's (`datasets/dataset_source.py`).
 *
 * @example
 * ```ts
 * import { DataError, loadCifar10 } from "../mod.ts";
 *
 * try {
 *   const { train } = await loadCifar10({ download: false });
 *   console.assert(train.shape.join() === "32,32,3");
 * } catch (error) {
 *   if (!(error instanceof DataError)) throw error; // the files are not here
 * }
 * ```
 *
 * @throws DataError when a file is missing, damaged or of another kind
 */
export async function loadCifar10(options: LoadOptions = {}): Promise<ImageClassification> {
  const format = { labels: ["class"], classes: 10, maximum: 10_000 } as const;
  return await load("cifar10", cifarArchives.cifar10, options, {
    names: "batches.meta.txt",
    format,
    train: TRAIN_10,
    test: "test_batch.bin",
    mean: [0.49139968, 0.48215841, 0.44653091],
    standardDeviation: [0.24703223, 0.24348513, 0.26158784],
  });
}

/**
 * Loads CIFAR-100 with its hundred fine classes: 50,000 training and 10,000 test images, 32 x 32 x 3.
 * Files that hold fewer records are read as they are.
 *
 * Mean and standard deviation are the reference's (`datasets/dataset_source.py`).
 *
 * @example
 * ```ts
 * import { DataError, loadCifar100 } from "../mod.ts";
 *
 * try {
 *   const { train } = await loadCifar100({ download: false });
 *   console.assert(train.shape.join() === "32,32,3");
 * } catch (error) {
 *   if (!(error instanceof DataError)) throw error; // the files are not here
 * }
 * ```
 *
 * @throws DataError when a file is missing, damaged or of another kind
 */
export async function loadCifar100(options: LoadOptions = {}): Promise<ImageClassification> {
  const format = { labels: ["coarse", "class"], classes: 100, maximum: 50_000 } as const;
  return await load("cifar100", cifarArchives.cifar100, options, {
    names: "fine_label_names.txt",
    format,
    train: ["train.bin"],
    test: "test.bin",
    mean: [0.50707516, 0.48654887, 0.44091784],
    standardDeviation: [0.26733429, 0.25643846, 0.27615047],
  });
}

interface Layout {
  /** The file of class names, one a line. */
  readonly names: string;
  readonly format: RecordFormat;
  readonly train: readonly string[];
  readonly test: string;
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
}

async function load(
  name: string,
  archive: Archive,
  options: LoadOptions,
  { names, format, train, test, mean, standardDeviation }: Layout,
): Promise<ImageClassification> {
  const folder = datasetDirectory(archive.folder, options.dataDir);
  await provideArchive(archive, datasetDirectory("", options.dataDir), options);
  const read = async (files: readonly string[]): Promise<ImageSet> => {
    const contents: [Uint8Array, string][] = [];
    for (const file of files) {
      contents.push([await readFile(join(folder, file)), join(folder, file)]);
    }
    return parseRecords(contents, format);
  };
  const trainSet = await read(train);
  const testSet = await read([test]);
  return {
    name,
    classes: await readNames(join(folder, names), format.classes),
    ...chosenSplit(trainSet, testSet, options),
    mean,
    standardDeviation,
  };
}

async function readNames(path: string, count: number): Promise<string[]> {
  const text = new TextDecoder().decode(await readFile(path));
  const names = text.split("\n").map((line) => line.trim()).filter(Boolean);
  if (names.length === count) return names;
  throw new DataError(
    `Cannot read ${path}: found ${names.length} class names, expected ${count}; delete the file ` +
      "and load the set again to download it anew",
    path,
  );
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new DataError(`Cannot read ${path}: ${reason}`, path, { cause });
  }
}
