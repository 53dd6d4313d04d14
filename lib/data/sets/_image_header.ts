/** What the first bytes of an image file tell. @module */

/** The formats that are read. */
export type ImageFormat = "jpeg" | "png";

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** The format of a file by its first eight bytes; undefined for any other. */
export function formatOf(bytes: Uint8Array): ImageFormat | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "jpeg";
  return PNG.every((byte, index) => bytes[index] === byte) ? "png" : undefined;
}
