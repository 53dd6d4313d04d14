import type { ProvideOptions } from "../download/mod.ts";

/** What can be asked of any data set; each one reads the options that concern it. */
export interface LoadOptions extends ProvideOptions {
  /** Folder that holds the data sets' folders. Default: `SAM_DATA_DIR`, else `data/`. */
  readonly dataDir?: string;
  /**
   * Put the last tenth of the training examples in the place of the test set, and train without
   * them. Default false. Of SVHN it is the last tenth of the training file, without the extra images.
   * Sets made on demand have no use for it.
   */
  readonly validation?: boolean;
  /** Use only the first training examples; sets made on demand make so many. */
  readonly trainCount?: number;
  /** Use only the first test examples; sets made on demand make so many. */
  readonly testCount?: number;
  /** Seed of sets made on demand; read by no other. Default 0. */
  readonly seed?: number;
  /**
   * Height and width of the images that a network gets. Default: images in memory stay as they are, those
   * in files and records become 224.
   */
  readonly imageSize?: number;
  /**
   * What is done about image files that cannot be decoded. "error", the default: one that is not a JPEG or
   * PNG ends the loading with an error that names it, one that is damaged ends the training. "skip":
   * each file is decoded once while loading, some hundred a second; those that cannot be decoded are left
   * out and named to `onCorrupt`.
   */
  readonly corruptImages?: "error" | "skip";
  readonly onCorrupt?: (path: string) => void;
}
