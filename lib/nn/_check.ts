import type { tf } from "../tensorflow/mod.ts";

/** Axes of a batch of images. */
export const IMAGES: readonly string[] = ["batch", "height", "width", "channels"];

/** Throws a RangeError unless the input has the axes that the layer names. */
export function checkRank(action: string, input: tf.Tensor, axes: readonly string[]): void {
  if (input.rank !== axes.length) {
    throw new RangeError(
      `Cannot ${action} an input of shape [${input.shape}]: it must be [${axes.join(", ")}]`,
    );
  }
}

/** Throws a RangeError unless the sizes, given by their names, are positive integers. */
export function checkSizes(action: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!(Number.isInteger(size) && size > 0)) {
      throw new RangeError(
        `Cannot ${action} with ${name} of ${size}: it must be a positive integer`,
      );
    }
  }
}
