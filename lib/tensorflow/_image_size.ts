/** What the header of an image file says of its size, before anything is decoded. @module */

const PNG = [0x89, 0x50, 0x4e, 0x47], GIF = [0x47, 0x49, 0x46, 0x38], BMP = [0x42, 0x4d];
const JPEG = [0xff, 0xd8, 0xff];

/** Pixels that decoding makes, of all frames of an animation; undefined where the header tells none. */
export function pixelsOf(bytes: Uint8Array): number | undefined {
  const begins = (magic: readonly number[]) => magic.every((byte, at) => bytes[at] === byte);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height, frames = 1] = begins(PNG)
    ? pairOf(view, 16, (at) => view.getUint32(at))
    : begins(BMP)
    ? pairOf(view, 18, (at) => Math.abs(view.getInt32(at, true)))
    : begins(JPEG)
    ? jpegSize(view)
    : begins(GIF)
    ? gifSize(view)
    : [];
  return width === undefined || height === undefined ? undefined : width * height * frames;
}

function pairOf(view: DataView, at: number, read: (at: number) => number): number[] {
  return view.byteLength < at + 8 ? [] : [read(at), read(at + 4)];
}

/** Segments up to the first frame header (ITU T.81, B.1.1.3). */
function jpegSize(view: DataView): number[] {
  for (let at = 2; at + 9 <= view.byteLength;) {
    if (view.getUint8(at) !== 0xff) return [];
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++; // fill bytes
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return [view.getUint16(at + 7), view.getUint16(at + 5)];
    at += 2 + Math.max(2, view.getUint16(at + 2));
  }
  return [];
}

/** The screen, and how many images are drawn on it (GIF89a). */
function gifSize(view: DataView): number[] {
  if (view.byteLength < 13) return [];
  const tableBytes = (flags: number) => flags & 0x80 ? 3 << ((flags & 7) + 1) : 0;
  let frames = 0;
  let at = 13 + tableBytes(view.getUint8(10));
  while (at < view.byteLength) {
    const kind = view.getUint8(at);
    if (kind === 0x2c && at + 10 <= view.byteLength) {
      frames++;
      at += 10 + tableBytes(view.getUint8(at + 9)) + 1;
    } else if (kind === 0x21) {
      at += 2;
    } else break;
    while (at < view.byteLength && view.getUint8(at) > 0) at += view.getUint8(at) + 1;
    at++;
  }
  return [view.getUint16(6, true), view.getUint16(8, true), Math.max(1, frames)];
}
