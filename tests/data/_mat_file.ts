/** MAT files for tests. @module */
import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";

/** An element: its tag, its data, and zeros up to a multiple of eight. */
export function element(type: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + Math.ceil(data.length / 8) * 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, data.length, true);
  bytes.set(data, 8);
  return bytes;
}

/** A file with arrays of bytes; compressed ones as in the official files. */
export function mat(
  arrays: readonly { name: string; shape: number[]; values: Uint8Array; type?: number }[],
  compressed = true,
): Uint8Array {
  const header = new Uint8Array(128).fill(0x20);
  header.set([0, 1, 0x49, 0x4d], 124);
  const parts = arrays.map(({ name, shape, values, type = 2 }) => {
    const matrix = element(
      14,
      Buffer.concat([
        element(6, Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0)),
        element(5, new Uint8Array(Int32Array.from(shape).buffer)),
        element(1, new TextEncoder().encode(name)),
        element(type, values),
      ]),
    );
    if (!compressed) return matrix;
    const packed = deflateSync(matrix);
    const tag = new Uint8Array(8);
    new DataView(tag.buffer).setUint32(0, 15, true);
    new DataView(tag.buffer).setUint32(4, packed.length, true);
    return Buffer.concat([tag, packed]);
  });
  return Buffer.concat([header, ...parts]);
}
