/**
 * What goldens keep of large results: entries of each tensor at fixed places, its sum and its L2
 * norm.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { randomStream } from "../lib/data/random_stream.ts";
import type { NumericArray } from "../lib/checkpoints/mod.ts";
import { namedLeaves, type Tree } from "../lib/tensorflow/mod.ts";

/** A tensor by its shape, and the sum and the L2 norm of its entries in float64. */
export interface Total {
  readonly shape: readonly number[];
  readonly sum: number;
  readonly norm: number;
}

/** A tree of which little was kept. */
export interface Sample {
  /** By the path of each leaf, depth first; `""` where the tree is one tensor. */
  readonly totals: Readonly<Record<string, Total>>;
  /** The kept entries of all leaves, one after another. */
  readonly entries: ArrayLike<number>;
  /** How many of a leaf's entries are kept at most. */
  readonly count: number;
}

/** Keeps at most `count` entries of each leaf. @param leaves in the order of {@linkcode namedLeaves} */
export function sampleOf(
  leaves: readonly (readonly [path: string, leaf: NumericArray])[],
  count: number,
): Sample {
  const entries = leaves.flatMap(([path, { data }]) =>
    placesOf(path, data.length, count).map((place) => Number(data[place]))
  );
  const totals = leaves.map(([path, { shape, data }]) =>
    [path, totalOf(shape, data as Float32Array)] as const
  );
  return { totals: Object.fromEntries(totals), entries, count };
}

/** The mean of two samples, such as of replicas, for {@linkcode assertEntries}: it has no norms. */
export function meanSample(first: Sample, second: Sample): Sample {
  const entries = Array.from(first.entries, (value, at) => (value + second.entries[at]!) / 2);
  const totals = Object.entries(first.totals).map(([path, { shape }]) =>
    [path, { shape, sum: NaN, norm: NaN }] as const
  );
  return { totals: Object.fromEntries(totals), entries, count: first.count };
}

/** The sum and the L2 norm, in float64. */
export function totalOf(shape: readonly number[], values: ArrayLike<number>): Total {
  let sum = 0;
  let squares = 0;
  for (let index = 0; index < values.length; index++) {
    sum += values[index]!;
    squares += values[index]! ** 2;
  }
  return { shape, sum, norm: Math.sqrt(squares) };
}

/** The places of the kept entries of a leaf of `size` entries: all of them, or `count` drawn ones. */
export function placesOf(path: string, size: number, count: number): number[] {
  if (size <= count) return Array.from({ length: size }, (_, place) => place);
  const random = randomStream(0, path);
  const places = new Set<number>();
  while (places.size < count) places.add(random.below(size));
  return [...places].sort((a, b) => a - b);
}

/**
 * Throws unless a tree has the golden's names and shapes, the kept entries within `tolerance`, and
 * the sum and norm of each leaf within what such differences make of them: √n · `tolerance`.
 *
 * @param what the tree is, for the message
 */
export function assertMatches(actual: Tree, golden: Sample, tolerance: number, what = ""): void {
  assertEntries(actual, golden, tolerance, what);
  for (const [path, leaf] of namedLeaves(actual)) {
    const { sum, norm } = totalOf(leaf.shape, leaf.dataSync());
    const total = golden.totals[path]!;
    const ofAll = tolerance * Math.sqrt(leaf.size);
    near(sum, total.sum, ofAll, `${what}/${path}: the sum`);
    near(norm, total.norm, ofAll, `${what}/${path}: the norm`);
  }
}

/** Throws unless a tree has the golden's names and shapes, and the kept entries. */
export function assertEntries(actual: Tree, golden: Sample, tolerance: number, what = ""): void {
  const found = namedLeaves(actual);
  assertEquals(
    found.map(([path, { shape }]) => [path, shape]),
    Object.entries(golden.totals).map(([path, { shape }]) => [path, shape]),
    `${what}: names and shapes`,
  );
  let kept = 0;
  for (const [path, leaf] of found) {
    const values = leaf.dataSync();
    for (const place of placesOf(path, values.length, golden.count)) {
      near(values[place]!, golden.entries[kept++]!, tolerance, `${what}/${path}: entry ${place}`);
    }
  }
  assertEquals(kept, golden.entries.length);
}

function near(value: number, expected: number, tolerance: number, what: string): void {
  assert(
    Math.abs(value - expected) <= tolerance,
    `${what} is ${value}, not ${expected} (within ${tolerance})`,
  );
}
