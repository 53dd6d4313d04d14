import { random } from "../../tensorflow/mod.ts";
import type { Draws } from "./_draws.ts";
import { cutout } from "./cutout.ts";
import { mixup } from "./mixup.ts";
import type { BatchAugmentation, ImageBatch } from "./types.ts";

/**
 * The reference's "mixcut": mixup, and then cutout.
 *
 * Source: `CifarDatasetSource` in `sam_jax/datasets/dataset_source.py` of the reference.
 *
 * @example
 * ```ts
 * import { mixcut, type ImageBatch } from "../mod.ts";
 * import { random, tf } from "../../tensorflow/mod.ts";
 *
 * const batch: ImageBatch = { images: tf.ones([4, 8, 8, 1]), labels: tf.eye(4) };
 * const changed = mixcut("per batch", 0.2, 4)(batch, random.seed(0));
 * console.assert(changed.images.shape.join() === "4,8,8,1");
 * ```
 *
 * @param alpha of {@linkcode mixup}
 * @param length of {@linkcode cutout}
 */
export function mixcut(draws: Draws, alpha?: number, length?: number): BatchAugmentation {
  const mix = mixup(draws, alpha), cut = cutout(draws, length);
  return function mixcut(batch: ImageBatch, seed: random.Seed): ImageBatch {
    const [first, second] = random.split(seed).unstack() as [random.Seed, random.Seed];
    return cut(mix(batch, first), second);
  };
}
