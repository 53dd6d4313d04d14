/** What tests of tensors share. @module */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { namedLeaves, type Tree } from "../lib/tensorflow/tree.ts";

/** The values of a tensor. */
export function values(tensor: tf.Tensor): number[] {
  return Array.from(tensor.dataSync());
}

/** Throws unless a tensor has these values, each within `tolerance`, or a share of it if larger. */
export function assertClose(
  actual: tf.Tensor,
  expected: ArrayLike<number>,
  tolerance = 1e-6,
): void {
  const found = actual.dataSync();
  assertEquals(found.length, expected.length);
  found.forEach((value, index) => {
    const wanted = expected[index]!;
    const within = tolerance * Math.max(1, Math.abs(wanted));
    assert(Math.abs(value - wanted) <= within, `Expected ${wanted} at ${index}, got ${value}`);
  });
}

/** Throws unless two trees have the same names and, bit for bit, the same values. */
export function assertSameBits(actual: Tree, expected: Tree): void {
  const found = namedLeaves(actual);
  const wanted = namedLeaves(expected);
  assertEquals(found.map(([path]) => path), wanted.map(([path]) => path));
  found.forEach(([path, leaf], index) => {
    assertEquals(bits(leaf), bits(wanted[index]![1]), path);
  });
}

function bits(tensor: tf.Tensor): Int32Array {
  return new Int32Array(Float32Array.from(tensor.dataSync()).buffer);
}

/** Runs a test and throws if it leaves more or fewer tensors behind than there were. */
export async function withoutLeaks(test: () => void | Promise<void>): Promise<void> {
  const before = tf.memory().numTensors;
  await test();
  assertEquals(tf.memory().numTensors, before, "tensors were leaked, or disposed too often");
}

/** Runs a test in a scope of its own, which disposes what it makes. */
export function scoped(test: () => void): () => void {
  return () => {
    tf.tidy(test);
  };
}

/** The derivative of `f` by each value of `x`, by central differences. */
export function numericGradient(
  f: (x: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
  step = 1e-2,
): number[] {
  const at = (index: number, change: number) => {
    const moved = Float32Array.from(x.dataSync());
    moved[index]! += change;
    return tf.tidy(() => f(tf.tensor(moved, x.shape)).dataSync()[0]!);
  };
  return Array.from(x.dataSync(), (_, i) => (at(i, step) - at(i, -step)) / (2 * step));
}

/** Numbers from PyTorch, by `goldens/pytorch.py`. */
// deno-lint-ignore no-explicit-any -- a table of any form, read by the tests
export const pytorch: any = JSON.parse(
  Deno.readTextFileSync(new URL("goldens/pytorch.json", import.meta.url)),
);
