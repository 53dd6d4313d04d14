import { assertEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { packBits, unpackBits } from "../../lib/metrics/mod.ts";

Deno.test("bits: of any number of examples come back, the first in the lowest bit", () => {
  for (const examples of [0, 1, 7, 8, 9, 1000]) {
    const bits = Array.from({ length: examples }, (_, index) => index % 3 === 0);
    const packed = packBits(bits);
    assertEquals(packed.examples, examples);
    assertEquals([...unpackBits(packed)].map((bit) => bit === 1), bits);
  }
  const [first, second] = Buffer.from(packBits([true, ...Array(8).fill(false)]).bits, "base64");
  assertEquals([first, second], [1, 0]);
});

Deno.test("bits: fewer or more than there are examples are refused", () => {
  const { bits } = packBits(Array(16).fill(true));
  for (const examples of [8, 17]) {
    assertThrows(
      () => unpackBits({ examples, bits }),
      RangeError,
      `Cannot unpack 2 bytes: expected the bits of ${examples} examples`,
    );
  }
});
