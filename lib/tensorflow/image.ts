/**
 * tfjs-node's functions for image files, with a limit: the header is read first, and an image of more
 * than {@linkcode maxPixels} is refused before it is decoded, as a megabyte may unpack to gigabytes.
 *
 * @module
 */
import * as files from "@tensorflow/tfjs-node-gpu/dist/image.js";
import { pixelsOf } from "./_image_size.ts";

export { encodeJpeg, encodePng } from "@tensorflow/tfjs-node-gpu/dist/image.js";

/** As Pillow's: an image of 13,000 by 13,000 pixels still passes. */
const DEFAULT_MAX_PIXELS = 178_956_970;

/** The environment variable that sets the limit where no code does. */
const VARIABLE = "SAM_MAX_PIXELS";

let limit: number | undefined;

/**
 * The most pixels that an image may have, all frames together: the value given to
 * {@linkcode setMaxPixels}, or the environment variable `SAM_MAX_PIXELS`, or 178,956,970.
 *
 * ```ts
 * import { image } from "sam";
 *
 * console.log(image.maxPixels()); // 178956970
 * ```
 *
 * @throws RangeError if the variable is not a positive number
 */
export function maxPixels(): number {
  return limit ??= fromEnvironment() ?? DEFAULT_MAX_PIXELS;
}

function fromEnvironment(): number | undefined {
  const permission = Deno.permissions.querySync({ name: "env", variable: VARIABLE });
  const text = permission.state === "granted" ? Deno.env.get(VARIABLE) : undefined;
  if (!text) return undefined;
  const count = Number(text);
  if (count > 0) return count;
  throw new RangeError(`Cannot limit images to ${VARIABLE}=${text}: it must be a number > 0`);
}

/**
 * Sets the most pixels that an image may have, here and in data sets that are made from now on.
 *
 * ```ts
 * import { image, tf } from "sam";
 *
 * const png = await image.encodePng(tf.zeros([8, 8, 3], "int32") as tf.Tensor3D);
 * image.setMaxPixels(32);
 * try {
 *   image.decodePng(png);
 * } catch (error) {
 *   console.log((error as Error).message); // Cannot decode an image of 64 pixels: the limit is 32; …
 * }
 * ```
 *
 * @param count Infinity for no limit
 * @throws RangeError unless it is positive
 */
export function setMaxPixels(count: number): void {
  if (!(count > 0)) throw new RangeError(`Cannot limit images to ${count} pixels: it must be > 0`);
  limit = count;
}

/** @throws RangeError for more pixels than {@linkcode maxPixels} */
export const decodeImage: typeof files.decodeImage = limited(files.decodeImage);
/** @throws RangeError for more pixels than {@linkcode maxPixels} */
export const decodePng: typeof files.decodePng = limited(files.decodePng);
/** @throws RangeError for more pixels than {@linkcode maxPixels} */
export const decodeJpeg: typeof files.decodeJpeg = limited(files.decodeJpeg);
/** @throws RangeError for more pixels than {@linkcode maxPixels} */
export const decodeGif: typeof files.decodeGif = limited(files.decodeGif);
/** @throws RangeError for more pixels than {@linkcode maxPixels} */
export const decodeBmp: typeof files.decodeBmp = limited(files.decodeBmp);

function limited<Rest extends unknown[], Image>(
  decode: (contents: Uint8Array, ...rest: Rest) => Image,
): (contents: Uint8Array, ...rest: Rest) => Image {
  return (contents, ...rest) => {
    const pixels = pixelsOf(contents);
    const limit = maxPixels();
    if (pixels !== undefined && pixels > limit) {
      throw new RangeError(
        `Cannot decode an image of ${pixels} pixels: the limit is ${limit}; if you trust it, set ` +
          `${VARIABLE}=${pixels} in the environment, or call image.setMaxPixels`,
      );
    }
    return decode(contents, ...rest);
  };
}
