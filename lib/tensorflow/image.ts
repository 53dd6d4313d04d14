/**
 * tfjs-node's image files, with a limit: the header is read first, and what would be larger than
 * {@linkcode maxPixels} is refused before it is decoded, as a file of a megabyte may hold gigabytes.
 *
 * @module
 */
import * as files from "@tensorflow/tfjs-node-gpu/dist/image.js";
import { pixelsOf } from "./_image_size.ts";

export { encodeJpeg, encodePng } from "@tensorflow/tfjs-node-gpu/dist/image.js";

/** As Pillow's: an image of 13,000 by 13,000 pixels still passes. */
const DEFAULT_MAX_PIXELS = 178_956_970;

let limit = DEFAULT_MAX_PIXELS;

/** The most pixels that an image may have, of all frames together; 178,956,970 unless it is set. */
export function maxPixels(): number {
  return limit;
}

/**
 * Sets the most pixels that an image may have, here and in data sets that are made from now on.
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
    if (pixels !== undefined && pixels > limit) {
      throw new RangeError(
        `Cannot decode an image of ${pixels} pixels: the limit is ${limit}. Trust it by setMaxPixels`,
      );
    }
    return decode(contents, ...rest);
  };
}
