import { Buffer } from "node:buffer";
import { image, tf } from "../tensorflow/mod.ts";
import { type Displayable, displayable } from "./_display.ts";

/** Options of {@linkcode imageGrid}. */
export interface ImageGridOptions {
  /** Images in a row; default 10, or all if there are fewer. */
  readonly columns?: number;
  /** Screen pixels for each pixel of an image; by default such that an image is 64 high. */
  readonly scale?: number;
  /** Mean of each channel, and standard deviation, to undo a normalisation of float images. */
  readonly mean?: readonly number[];
  readonly standardDeviation?: readonly number[];
  /** What the pictures show, for those who cannot see them. */
  readonly description?: string;
}

/** Screen pixels between two images. */
const GAP = 4;

/**
 * A grid of images as one PNG.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { imageGrid } from "sam/notebook";
 * import { tf } from "sam";
 *
 * const shown = await imageGrid(tf.zeros([4, 8, 8, 3]), { columns: 2, description: "Black" });
 * assertEquals(`${shown}`, "Black");
 * ```
 *
 * @param images [N, height, width, 1 or 3], int32 in 0..255 or float32 in [0, 1] once the
 *   normalisation is undone; values outside are clipped. The tensor stays the caller's
 * @throws RangeError for another shape, or no images
 */
export async function imageGrid(
  images: tf.Tensor,
  {
    columns = Math.min(10, images.shape[0] ?? 1),
    scale = Math.max(1, Math.round(64 / (images.shape[1] ?? 64))),
    mean = [0],
    standardDeviation = [1],
    description = `${images.shape[0]} images`,
  }: ImageGridOptions = {},
): Promise<Displayable> {
  const [count = 0, height = 0, width = 0, channels = 0] = images.shape;
  if (images.rank !== 4 || count < 1 || (channels !== 1 && channels !== 3)) {
    throw new RangeError(
      `Cannot show images of shape [${images.shape}]: it must be [N, height, width, 1 or 3]`,
    );
  }
  const rows = Math.ceil(count / columns);
  const grid = tf.tidy(() => {
    const bytes = images.dtype === "int32"
      ? images
      : images.mul([...standardDeviation]).add([...mean]).mul(255).round();
    const clipped = tf.clipByValue(bytes.toFloat(), 0, 255);
    const large = tf.image.resizeNearestNeighbor(
      clipped as tf.Tensor4D,
      [height * scale, width * scale],
    );
    const spare = rows * columns - count;
    const framed = tf.pad(large, [[0, spare], [0, GAP], [0, GAP], [0, 0]], 255);
    const [, h, w] = framed.shape as [number, number, number, number];
    const filled = spare === 0 ? framed : tf.concat([
      framed.slice([0], [count]),
      tf.fill([spare, h, w, channels], 255),
    ]);
    const lines = filled.reshape([rows, columns, h, w, channels]).transpose([0, 2, 1, 3, 4]);
    return lines.reshape([rows * h, columns * w, channels]).toInt() as tf.Tensor3D;
  });
  try {
    const png = Buffer.from(await image.encodePng(grid)).toString("base64");
    return displayable(
      () => ({ "image/png": png, "text/plain": description }),
      description,
    );
  } finally {
    grid.dispose();
  }
}
