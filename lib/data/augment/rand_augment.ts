import { random, tf } from "../../tensorflow/mod.ts";
import { bothDirections, centersOf } from "./auto_augment.ts";
import { operate } from "./image_operations.ts";
import {
  type Operation,
  OPERATIONS,
  RAND_AUGMENT_REACH,
  type Reach,
  scaledReach,
  settingOf,
} from "./operation.ts";
import type { Augmentation } from "./types.ts";

/** Options of {@linkcode randAugment}. */
export interface RandAugmentOptions {
  /** Operations that are done to each image one after another. */
  readonly layers: number;
  /** Their level; 10 is the highest that AutoAugment knows. */
  readonly magnitude: number;
  /**
   * Pixels of translations and cutouts at level 10; by default the reference's, made for images of 224
   * pixels.
   */
  readonly reach?: Reach;
}

/**
 * RandAugment: each image gets some operations, drawn from all, at one level.
 *
 * Source: Cubuk et al. 2020; `distort_image_with_randaugment` in `autoaugment/autoaugment.py` of
 * the reference.
 *
 * @example
 * ```ts
 * import { loadDataset, randAugment } from "../mod.ts";
 *
 * const source = await loadDataset("fashion_mnist_small");
 * const augmentation = randAugment({ layers: 2, magnitude: 5 });
 * console.assert(source.training({ batchSize: 100, augmentation }).size === 20);
 * ```
 *
 * @throws RangeError unless layers and magnitude are positive, layers a whole number
 */
export function randAugment(
  { layers, magnitude, reach = RAND_AUGMENT_REACH }: RandAugmentOptions,
): Augmentation {
  if (!(Number.isInteger(layers) && layers > 0 && magnitude > 0)) {
    throw new RangeError(
      `Cannot augment by RandAugment with ${layers} layers of magnitude ${magnitude}: both must be ` +
        "positive, and layers a whole number",
    );
  }
  const operations = OPERATIONS.filter((operation) => operation !== "None");
  const actions = operations.flatMap((operation) => bothDirections(operation, magnitude, reach));
  return function randAugment(images: tf.Tensor, seed: random.Seed): tf.Tensor {
    return tf.tidy(() => {
      const seeds = random.split(seed, layers).unstack() as random.Seed[];
      return seeds.reduce((images, seed) => {
        const [action, y, x] = random.uniform(seed, [3, images.shape[0]!]).unstack();
        return operate(images, actions, {
          actions: tf.mul(action!, actions.length).toInt(),
          centers: centersOf(images, y!, x!),
        });
      }, images);
    });
  };
}

/**
 * One operation at several levels, in proportion to the images' size: a level for each image.
 *
 * @example
 * ```ts
 * import { operateAtLevels } from "../mod.ts";
 * import { tf } from "../../tensorflow/mod.ts";
 *
 * const images = tf.fill([2, 8, 8, 3], 200, "int32");
 * const brighter = operateAtLevels(images, "Brightness", [0, 10]);
 * console.assert(brighter.shape.join() === "2,8,8,3");
 * tf.dispose([images, brighter]);
 * ```
 *
 * @param images int32 in 0..255, [levels, height, width, channels]
 */
export function operateAtLevels(
  images: tf.Tensor,
  operation: Operation,
  levels: readonly number[],
): tf.Tensor {
  const [count, height, width] = images.shape as [number, number, number, number];
  const reach = scaledReach(Math.max(height, width));
  return tf.tidy(() =>
    operate(
      images,
      levels.map((level) => ({ operation, setting: settingOf(operation, level, reach) })),
      {
        actions: tf.range(0, count, 1, "int32"),
        centers: [tf.fill([count], height / 2, "int32"), tf.fill([count], width / 2, "int32")],
      },
    )
  );
}
