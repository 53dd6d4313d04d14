/** The wire format of protocol buffers, as far as it is needed here: a handful of fields. @module */

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

/** The fields of a message: integers as bigint, text and messages as bytes, others left out. */
export function* fieldsOf(
  bytes: Uint8Array,
): Generator<[field: number, value: bigint | Uint8Array]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.length) {
    const key = Number(next());
    const field = Math.floor(key / 8);
    switch (key % 8) {
      case 0:
        yield [field, next()];
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const length = Number(next());
        if (at + length > bytes.length) {
          throw new RangeError("Cannot read a message: it is cut off");
        }
        yield [field, bytes.subarray(at, at += length)];
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        throw new RangeError(`Cannot read a message: it has a field of wire type ${key % 8}`);
    }
  }

  function next(): bigint {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = view.getUint8(at++);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asIntN(64, value);
    }
  }
}
