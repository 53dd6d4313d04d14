import { Buffer } from "node:buffer";
import { escapeMarkup } from "../plots/mod.ts";
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
  /** What the pictures show, for those who cannot see them. Default: the labels, if there are any. */
  readonly description?: string;
  /** A line of text below each image; the grid is then a table of images, and one PNG elsewhere. */
  readonly labels?: readonly string[];
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
 * @throws RangeError for another shape, no images, or another number of labels
 */
export async function imageGrid(
  images: tf.Tensor,
  {
    columns = Math.min(10, images.shape[0] ?? 1),
    scale = Math.max(1, Math.round(64 / (images.shape[1] ?? 64))),
    mean = [0],
    standardDeviation = [1],
    labels,
    description = labels?.join(", ") ?? `${images.shape[0]} images`,
  }: ImageGridOptions = {},
): Promise<Displayable> {
  const [count = 0, , , channels = 0] = images.shape;
  if (images.rank !== 4 || count < 1 || (channels !== 1 && channels !== 3)) {
    throw new RangeError(
      `Cannot show images of shape [${images.shape}]: it must be [N, height, width, 1 or 3]`,
    );
  }
  if (labels !== undefined && labels.length !== count) {
    throw new RangeError(`Cannot show ${count} images with ${labels.length} labels: give each one`);
  }
  const rows = Math.ceil(count / columns);
  const large = tf.tidy(() => enlarged(images, { scale, mean, standardDeviation }));
  try {
    const grid = await pngOf(tf.tidy(() => laidOut(large, rows, columns)));
    const html = labels && await labelledTable(large, labels, columns);
    return displayable(
      () => ({ ...html && { "text/html": html }, "image/png": grid, "text/plain": description }),
      description,
    );
  } finally {
    large.dispose();
  }
}

/** Images of the size in which they are shown, [N, height, width, channels] in 0..255. */
function enlarged(
  images: tf.Tensor,
  { scale, mean, standardDeviation }: Required<
    Pick<ImageGridOptions, "scale" | "mean" | "standardDeviation">
  >,
): tf.Tensor4D {
  const [, height = 0, width = 0] = images.shape;
  const bytes = images.dtype === "int32"
    ? images
    : images.mul([...standardDeviation]).add([...mean]).mul(255).round();
  const clipped = tf.clipByValue(bytes.toFloat(), 0, 255) as tf.Tensor4D;
  return tf.image.resizeNearestNeighbor(clipped, [height * scale, width * scale]);
}

/** The images side by side, with white between them. */
function laidOut(images: tf.Tensor4D, rows: number, columns: number): tf.Tensor3D {
  const [count, , , channels] = images.shape;
  const spare = rows * columns - count;
  const framed = tf.pad(images, [[0, spare], [0, GAP], [0, GAP], [0, 0]], 255);
  const [, h, w] = framed.shape as [number, number, number, number];
  const filled = spare === 0 ? framed : tf.concat([
    framed.slice([0], [count]),
    tf.fill([spare, h, w, channels], 255),
  ]);
  const lines = filled.reshape([rows, columns, h, w, channels]).transpose([0, 2, 1, 3, 4]);
  return lines.reshape([rows * h, columns * w, channels]).toInt() as tf.Tensor3D;
}

/** A PNG in base64 of an image, which is disposed. */
async function pngOf(picture: tf.Tensor3D): Promise<string> {
  try {
    return Buffer.from(await image.encodePng(picture)).toString("base64");
  } finally {
    picture.dispose();
  }
}

/** The images with a line of text below each. */
async function labelledTable(
  images: tf.Tensor4D,
  labels: readonly string[],
  columns: number,
): Promise<string> {
  const cells = await Promise.all(labels.map(async (label, index) => {
    const png = await pngOf(
      tf.tidy(() => images.slice([index], [1]).squeeze<tf.Tensor3D>([0]).toInt()),
    );
    const text = escapeMarkup(label);
    return `<td style="text-align:center;vertical-align:top;padding:2px 4px">` +
      `<img alt="${text}" src="data:image/png;base64,${png}"><br><small>${text}</small></td>`;
  }));
  const rows = Array.from(
    { length: Math.ceil(cells.length / columns) },
    (_, row) => `<tr>${cells.slice(row * columns, (row + 1) * columns).join("")}</tr>`,
  );
  return `<table>${rows.join("")}</table>`;
}
