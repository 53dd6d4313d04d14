/** The wire format of protocol buffers, as far as it is written here: a handful of fields. @module */

function varint(value: number): number[] {
  const bytes = [];
  while (value > 127) {
    bytes.push((value & 127) | 128);
    value = Math.floor(value / 128);
  }
  return [...bytes, value];
}

/** A field holding a non-negative integer, an enum or a boolean. */
export function integerField(field: number, value: number | boolean): number[] {
  return [...varint(field * 8), ...varint(Number(value))];
}

/** A field holding text or another message. */
export function bytesField(field: number, value: string | readonly number[]): number[] {
  const bytes = typeof value === "string" ? [...new TextEncoder().encode(value)] : value;
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
}

/** A field holding a float64. */
export function doubleField(field: number, value: number): number[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return [...varint(field * 8 + 1), ...bytes];
}
