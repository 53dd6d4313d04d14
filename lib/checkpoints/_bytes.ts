/** Bytes that are read from front to back; reading beyond their end is an error. */
export class Bytes {
  position = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.position;
  }

  /** @throws RangeError if there are fewer */
  take(count: number): Uint8Array {
    if (count > this.left) {
      throw new RangeError(
        `it ends ${count - this.left} bytes early, at byte ${this.#bytes.length}`,
      );
    }
    return this.#bytes.subarray(this.position, this.position += count);
  }

  uint32(): number {
    const bytes = this.take(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  }

  /** A `varint` that JavaScript's numbers hold. @throws RangeError for others */
  varint(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.take(1)[0]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        const number = Number(BigInt.asIntN(64, value));
        if (Number.isSafeInteger(number)) return number;
        break;
      }
    }
    throw new RangeError(`byte ${this.position} does not end a number of 53 bits`);
  }

  /** A count of bytes, followed by the bytes. */
  counted(): Uint8Array {
    const count = this.varint();
    if (count < 0) throw new RangeError(`byte ${this.position} claims ${count} bytes`);
    return this.take(count);
  }
}
