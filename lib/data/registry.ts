/** The data sets by name. @module */
import type { DownloadProgress } from "./download.ts";
import { loadFashionMnist } from "./fashion_mnist.ts";
import { synthetic } from "./synthetic.ts";
import type { ImageClassification } from "./types.ts";

/** What can be asked of any data set; each one takes what concerns it. */
export interface LoadOptions {
  /** Folder that holds the data sets' folders. Default: `SAM_DATA_DIR`, else `data/`. */
  readonly dataDir?: string;
  /** Fetch files that are missing. Default true. */
  readonly download?: boolean;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  /** Use only the first training examples; sets made on demand make so many. */
  readonly trainCount?: number;
  /** Use only the first test examples; sets made on demand make so many. */
  readonly testCount?: number;
  /** Seed of sets made on demand; read by no other. Default 0. */
  readonly seed?: number;
}

/** Gives a data set in memory. */
export type DatasetLoader = (options?: LoadOptions) => Promise<ImageClassification>;

/** Name to loader: adding a data set is one line here. */
export const datasets: Readonly<Record<string, DatasetLoader>> = {
  fashion_mnist: loadFashionMnist,
  synthetic: (options) => Promise.try(() => synthetic({ ...options, size: 28, channels: 1 })),
  synthetic_16: (options) => Promise.try(() => synthetic({ ...options, size: 16, channels: 1 })),
  synthetic_32: (options) => Promise.try(() => synthetic({ ...options, size: 32, channels: 3 })),
};

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
    const known = Object.keys(datasets).join(", ");
    throw new RangeError(`Cannot load data set "${name}": the known names are ${known}`);
  }
  return { ...await load(options), name };
}
