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
  registerBatchAugmentation,
} from "./batch_registry.ts";
export { cutmix } from "./cutmix.ts";
export { cutout } from "./cutout.ts";
export { mixcut } from "./mixcut.ts";
export { mixup } from "./mixup.ts";
export {
  type Operation,
  OPERATIONS as operationNames,
  RAND_AUGMENT_REACH as randAugmentReach,
  type Reach,
  scaledReach,
} from "./operation.ts";
export {
  cifarPolicy,
  imagenetPolicy,
  type Policy,
  type PolicyStep,
  svhnPolicy,
} from "./policies.ts";
export { operateAtLevels, randAugment, type RandAugmentOptions } from "./rand_augment.ts";
export { randomFlip } from "./random_flip.ts";
export {
  augmentationNames,
  augmentationOf,
  hasRandomCrops,
  registerAugmentation,
} from "./registry.ts";
export { resizeBicubic } from "./resize.ts";
export type { Draws } from "./_draws.ts";
export type { Augmentation, BatchAugmentation, ImageBatch } from "./types.ts";
