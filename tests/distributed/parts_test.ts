/** The parts of the room that need no other process. */
import { assert, assertEquals } from "@std/assert";
import { differences, digestOf } from "../../lib/distributed/_agreement.ts";
import { bucketsOf, inOrderOfTrace } from "../../lib/distributed/_buckets.ts";
import { compile, tf } from "../../lib/tensorflow/mod.ts";
import { withoutLeaks } from "../_tensors.ts";

Deno.test("bucketsOf: small tensors together, large ones alone, none left out", () => {
  assertEquals(bucketsOf([]), []);
  assertEquals(bucketsOf([1, 2, 3]), [{ begin: 0, end: 3 }]);
  assertEquals(bucketsOf([5, 5, 5], 40), [{ begin: 0, end: 2 }, { begin: 2, end: 3 }]);
  assertEquals(bucketsOf([1, 100, 1], 40), [
    { begin: 0, end: 1 },
    { begin: 1, end: 2 },
    { begin: 2, end: 3 },
  ]);
  assertEquals(bucketsOf([0, 0]), [{ begin: 0, end: 2 }]);
  const sizes = Array.from({ length: 50 }, (_, index) => 1000 * index);
  const buckets = bucketsOf(sizes, 100_000);
  assertEquals(buckets[0]!.begin, 0);
  assertEquals(buckets.at(-1)!.end, 50);
  buckets.slice(1).forEach(({ begin }, index) => assertEquals(begin, buckets[index]!.end));
});

Deno.test("inOrderOfTrace: tensors from outside lead as they stand, then as they are made", () =>
  withoutLeaks(() => {
    const [one, two] = [tf.scalar(1), tf.scalar(2)];
    const compiled = compile((x: tf.Tensor) => {
      const [early, late] = [tf.mul(x, 2), tf.mul(x, 3)];
      assertEquals(inOrderOfTrace([late, two, early, x, one]), [1, 4, 3, 2, 0]);
      return late;
    });
    compiled.trace(one);
    compiled.dispose();
    tf.dispose([one, two]);
  }));

Deno.test("differences: of each worker from the chief, by name", () => {
  const row = (...texts: string[]) => texts.flatMap(digestOf);
  const names = ["code", "data"];
  assertEquals(differences([row("a", "b"), row("a", "b")], names), []);
  assertEquals(differences([row("a", "b"), row("a", "c"), row("d", "b")], names), [
    { rank: 1, name: "data" },
    { rank: 2, name: "code" },
  ]);
  assert(digestOf("a").every((word) => (word | 0) === word));
});
