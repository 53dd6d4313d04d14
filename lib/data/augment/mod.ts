/**
 * Changes of images, and of batches with their labels, by names and as functions.
 *
 * @module
 */
export { autoAugment } from "./auto_augment.ts";
export { basic } from "./basic.ts";
export {
  batchAugmentationNames,
  batchAugmentationOf,
  type BatchAugmentationOptions,
} from "./batch_registry.ts";
export { type Operation, OPERATIONS as operationNames } from "./operation.ts";
export { type Policy } from "./policies.ts";
export { operateAtLevels, randAugment, type RandAugmentOptions } from "./rand_augment.ts";
export { randomFlip } from "./random_flip.ts";
export { augmentationNames, augmentationOf, hasRandomCrops } from "./registry.ts";
export { resizeBicubic } from "./resize.ts";
export type { Augmentation, BatchAugmentation, ImageBatch } from "./types.ts";
