import type { Augmentation, BatchAugmentation } from "../augment/mod.ts";

/** Options of {@linkcode trainingPipeline}. */
export interface PipelineOptions {
  readonly batchSize: number;
  readonly augmentation?: Augmentation;
  readonly batchAugmentation?: BatchAugmentation;
  /** Height and width that normalised, augmented images are brought to; default as they are. */
  readonly resizeTo?: number;
}

/** Options of {@linkcode trainingFilePipeline}. */
export interface FilePipelineOptions extends Omit<PipelineOptions, "resizeTo"> {
  /**
   * Random crops of the images in the files, and flips after the augmentation, as for ImageNet; default
   * true, else the crop in the middle.
   */
  readonly randomCrops?: boolean;
}
