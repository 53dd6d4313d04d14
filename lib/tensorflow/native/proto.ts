/**
 * The wire format of protocol buffers, as far as the engine writes it: a handful of options.
 * Reading is done by google-protobuf, which comes with tfjs-node.
 */
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
