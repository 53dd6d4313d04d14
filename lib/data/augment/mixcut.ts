import { random } from "../../tensorflow/mod.ts";
import type { Draws } from "./_draws.ts";
import { cutout } from "./cutout.ts";
import { mixup } from "./mixup.ts";
import type { ImageBatch } from "./types.ts";

/**
 * The reference's "mixcut": mixup, and then cutout.
 *
 * Source: `CifarDatasetSource` in `datasets/dataset_source.py` of the reference.
 */
export function mixcut(draws: Draws) {
  const mix = mixup(draws), cut = cutout(draws);
  return function mixcut(batch: ImageBatch, seed: random.Seed): ImageBatch {
    const [first, second] = random.split(seed).unstack() as [random.Seed, random.Seed];
    return cut(mix(batch, first), second);
  };
}
