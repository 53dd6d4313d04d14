/** What stands in for whole results must notice what a comparison of all entries would. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { tf, type Tree } from "../lib/tensorflow/mod.ts";
import { assertEntries, assertMatches, placesOf, sampleOf } from "./_samples.ts";
import { scoped } from "./_tensors.ts";

const data = Float32Array.from({ length: 1000 }, (_, index) => Math.sin(index));
const bias = Float32Array.of(1, -2, 3);
const golden = sampleOf([
  ["bias", { dtype: "F32", shape: [3], data: bias }],
  ["dense/kernel", { dtype: "F32", shape: [10, 100], data }],
], 32);

/** The same tree, with one value of the kernel moved. */
const tree = (place = 0, change = 0): Tree => {
  const kernel = data.slice();
  kernel[place]! += change;
  return { dense: { kernel: tf.tensor(kernel, [10, 100]) }, bias: tf.tensor1d(bias) };
};

Deno.test("placesOf: few entries all, of many drawn ones, the same each time", () => {
  assertEquals(placesOf("bias", 3, 32), [0, 1, 2]);
  const places = placesOf("kernel", 1000, 32);
  assertEquals([places.length, new Set(places).size], [32, 32]);
  assert(places.every((place) => Number.isInteger(place) && place >= 0 && place < 1000));
  assertEquals(placesOf("kernel", 1000, 32), places);
  assert(placesOf("other", 1000, 32).join() !== places.join());
});

Deno.test(
  "assertMatches: a kept entry, one that is not kept, and NaN",
  scoped(() => {
    assertMatches(tree(), golden, 0);
    const kept = placesOf("dense/kernel", 1000, 32);
    const other = data.findIndex((_, place) => !kept.includes(place));
    assertMatches(tree(kept[5], 1e-4), golden, 2e-4);
    assertThrows(() => assertMatches(tree(kept[5], 3e-4), golden, 2e-4, "x"), Error, "x/dense/ker");
    assertThrows(() => assertMatches(tree(other, 0.1), golden, 1e-4), Error, "kernel: the sum is");
    assertThrows(() => assertMatches(tree(other, NaN), golden, 1e9), Error, "the sum is NaN");
    assertThrows(() => assertMatches(tree(kept[0], NaN), golden, 1e9), Error, "is NaN");
    // Two changes that leave the sum as it is.
    const swapped = Float32Array.from(data);
    swapped[other]! += 1;
    swapped[data.findLastIndex((_, place) => !kept.includes(place))]! -= 1;
    const moved = { dense: { kernel: tf.tensor(swapped, [10, 100]) }, bias: tf.tensor1d(bias) };
    assertThrows(() => assertMatches(moved, golden, 1e-4), Error, "kernel: the norm is");
    assertEntries(moved, golden, 0);
  }),
);

Deno.test(
  "assertMatches: other names, and other shapes of as many entries",
  scoped(() => {
    const kernel = tf.tensor(data, [10, 100]);
    const others: Tree[] = [
      { dense: { kernel } },
      { dense: { weight: kernel }, bias: tf.tensor1d(bias) },
      { dense: { kernel: kernel.reshape([100, 10]) }, bias: tf.tensor1d(bias) },
    ];
    for (const other of others) {
      assertThrows(() => assertMatches(other, golden, 1), Error, "names and shapes");
    }
  }),
);
