import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { permutation, randomStream } from "../../lib/data/random_stream.ts";

const words = (seed: number, name: string, index?: number) => {
  const random = randomStream(seed, name, index);
  return Array.from({ length: 4 }, () => random.word());
};

Deno.test("randomStream repeats, and differs by seed, name and index", () => {
  const all = [
    words(0, "a"),
    words(1, "a"),
    words(0, "b"),
    words(0, "a", 1),
    words(2 ** 32 - 1, "a"),
  ];
  assertEquals(words(0, "a"), words(0, "a", 0));
  for (const [i, one] of all.entries()) {
    for (const other of all.slice(i + 1)) assertNotEquals(one, other);
  }
});

Deno.test("randomStream gives the same numbers on every machine", () => {
  // By an independent implementation in Python of the seeding and of xoroshiro128+ (24, 16, 37).
  assertEquals(words(0, "a"), [550854598, 3566770429, 356826219, 2235035376]);
});

Deno.test("randomStream draws evenly, within streams and across them", () => {
  for (
    const draw of [
      ((random = randomStream(3, "even")) => () => random.below(10))(),
      ((i = 0) => () => randomStream(3, "even", i++).below(10))(),
    ]
  ) {
    const counts = Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) counts[draw()]!++;
    // Mean 1000, deviation 30.
    assert(counts.every((count) => Math.abs(count - 1000) < 150), `${counts}`);
  }
});

Deno.test("between stays in its half-open interval", () => {
  const random = randomStream(4, "between");
  for (let i = 0; i < 10_000; i++) {
    const value = random.between(-2, 3);
    assert(value >= -2 && value < 3);
  }
});

Deno.test("permutation holds every integer once", () => {
  for (const count of [0, 1, 2, 1000]) {
    const order = permutation(randomStream(5, "permutation"), count);
    assertEquals([...order].sort((a, b) => a - b), Array.from({ length: count }, (_, i) => i));
  }
});

Deno.test("randomStream refuses seeds that are no 32-bit integers", () => {
  for (const seed of [-1, 0.5, NaN, 2 ** 32]) {
    assertThrows(() => randomStream(seed, "a"), RangeError);
  }
});
