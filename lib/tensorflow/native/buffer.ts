import { notNull, type Pointer } from "./library.ts";

/** A copy of the contents of a `TF_Buffer { const void* data; size_t length; … }`. */
export function bytesOf(buffer: Pointer): Uint8Array {
  const view = new Deno.UnsafePointerView(buffer);
  const data = notNull(view.getPointer(0), "bytes");
  const bytes = new Uint8Array(Number(view.getBigUint64(8)));
  new Deno.UnsafePointerView(data).copyInto(bytes);
  return bytes;
}
