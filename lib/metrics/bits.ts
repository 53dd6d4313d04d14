/** Yes or no for each of many examples, in a short text. @module */
import { Buffer } from "node:buffer";

/** A bit for each example, eight to a byte, the first in the lowest bit of the first byte. */
export interface PackedBits {
  readonly examples: number;
  /** The bytes in base64. */
  readonly bits: string;
}

/** Packs a bit for each example. */
export function packBits(bits: readonly boolean[]): PackedBits {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (const [index, bit] of bits.entries()) if (bit) bytes[index >> 3]! |= 1 << (index & 7);
  return { examples: bits.length, bits: Buffer.from(bytes).toString("base64") };
}

/**
 * The bits again, 0 or 1 for each example.
 *
 * @throws RangeError unless there is a bit for each example
 */
export function unpackBits({ examples, bits }: PackedBits): Uint8Array {
  const bytes = Buffer.from(bits, "base64");
  if (bytes.length === Math.ceil(examples / 8)) {
    return Uint8Array.from(
      { length: examples },
      (_, index) => bytes[index >> 3]! >> (index & 7) & 1,
    );
  }
  throw new RangeError(
    `Cannot unpack ${bytes.length} bytes: expected the bits of ${examples} examples`,
  );
}
