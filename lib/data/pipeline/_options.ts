import type { Augmentation, BatchAugmentation } from "../augment/mod.ts";

/** What becomes of examples on their way into batches for training. */
export interface Changes {
  readonly batchSize: number;
  readonly augmentation?: Augmentation | undefined;
  readonly batchAugmentation?: BatchAugmentation | undefined;
  /** Random crops and flips of the images in files; default true, else the crop in the middle. */
  readonly randomCrops?: boolean | undefined;
  /** Height and width that normalised images in memory are brought to; default as they are. */
  readonly resizeTo?: number | undefined;
}

/** What evaluation needs of them. */
export type Evaluation = Pick<Changes, "batchSize" | "resizeTo">;
