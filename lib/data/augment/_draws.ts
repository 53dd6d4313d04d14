import type { tf } from "../../tensorflow/mod.ts";

/** Whether all images of a batch share what is drawn, as in the reference, or each has its own. */
export type Draws = "per batch" | "per example";

/** How many numbers are drawn for a batch of images. */
export function drawsOf(draws: Draws, images: tf.Tensor): number {
  return draws === "per batch" ? 1 : images.shape[0]!;
}
