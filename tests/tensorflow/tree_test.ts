import { assertEquals, assertThrows } from "@std/assert";
import {
  forEachLeaf,
  leaves,
  mapTree,
  namedLeaves,
  tf,
  type Tree,
  withLeaves,
} from "../../lib/tensorflow/mod.ts";
import { values } from "../_tensors.ts";
import { leavesNothing } from "./_leaks.ts";

const one = (value: number) => tf.scalar(value);
const tree = () => ({ b: [one(1), { z: one(2), a: one(3) }], a: one(4), c: [], B: {} });
const numbers = (tree: Tree) => leaves(tree).flatMap(values);

function test(name: string, body: () => void): void {
  Deno.test(name, () => leavesNothing(() => tf.tidy(body)));
}

test("trees are walked depth first, records by sorted names", () => {
  assertEquals(numbers(tree()), [4, 1, 3, 2]);
  assertEquals(namedLeaves(tree()).map(([path]) => path), ["a", "b/0", "b/1/a", "b/1/z"]);
  assertEquals(numbers(one(5)), [5]);
  assertEquals(namedLeaves(one(5)).map(([path]) => path), [""]);
  assertEquals(numbers([]), []);
  assertEquals(numbers(Array.from({ length: 12 }, (_, i) => one(i))), [...Array(12).keys()]);
});

test("forEachLeaf visits leaves of any kind", () => {
  const found: [unknown, string][] = [];
  forEachLeaf({ b: 1, a: [null, "x", undefined] }, (leaf, path) => found.push([leaf, path]));
  assertEquals(found, [[null, "a/0"], ["x", "a/1"], [undefined, "a/2"], [1, "b"]]);
  const bare = Object.assign(Object.create(null), { k: 1 });
  forEachLeaf(bare, (leaf, path) => assertEquals([leaf, path], [1, "k"]));
});

test("mapTree keeps the structure and maps corresponding leaves", () => {
  const sums = mapTree((...all) => tf.addN(all), tree(), tree(), tree());
  assertEquals(numbers(sums), [12, 3, 9, 6]);
  assertEquals(Object.keys(sums).sort(), ["B", "a", "b", "c"]);
  assertEquals([sums.c, sums.B, Array.isArray(sums.b)], [[], {}, true]);
  assertEquals(values(mapTree((x) => tf.neg(x), one(1))), [-1]);
});

test("mapTree names the path where structures differ", () => {
  const differing: [a: Tree, b: Tree, path: string][] = [
    [{ a: { w: one(1) } }, { a: {} }, "a/w"],
    [{ a: {} }, { a: { w: one(1) } }, "a/w"],
    [{ a: one(1) }, { b: one(1) }, "a"],
    [{ a: [one(1)] }, { a: [one(1), one(2)] }, "a/1"],
    [{ a: [one(1)] }, { a: one(1) }, "a"],
    [{ a: one(1) }, { a: { b: one(1) } }, "a"],
    [one(1), [one(1)], "the root"],
  ];
  for (const [a, b, path] of differing) {
    const error = assertThrows(() => mapTree((x) => x, a, b), TypeError);
    assertEquals(error.message, `Cannot map trees: their structures differ at ${path}`);
  }
});

test("withLeaves is the inverse of leaves", () => {
  const doubled = withLeaves(tree(), leaves(tree()).map((leaf) => tf.mul(leaf, 2)));
  assertEquals(numbers(doubled), [8, 2, 6, 4]);
  assertEquals(numbers(doubled.b[1] as Tree), [6, 4]);
  const message = "Cannot make a tree of 1 leaves: it has 4";
  assertThrows(() => withLeaves(tree(), [one(1)]), RangeError, message);
  assertThrows(() => withLeaves([one(1)], [one(1), one(2)]), RangeError, "2 leaves: it has 1");
});
