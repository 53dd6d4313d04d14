import { assert, assertEquals, assertThrows } from "@std/assert";
import { compile, random, tf } from "../../lib/tensorflow/mod.ts";
import { assertClose, values } from "../_tensors.ts";
import { leavesNothing } from "./_leaks.ts";

/** By seed: numbers of Python TensorFlow, by `goldens/tensorflow_random.py`. */
const goldens: Record<string, number[]>[] = JSON.parse(
  Deno.readTextFileSync(new URL("../goldens/tensorflow_random.json", import.meta.url)),
);

const draws: Record<string, (seed: random.Seed) => tf.Tensor> = {
  uniform: (seed) => random.uniform(seed, [2, 3]),
  uniformRange: (seed) => random.uniform(seed, [5], -0.1, 0.2),
  normal: (seed) => random.normal(seed, [2, 3]),
  normalScaled: (seed) => random.normal(seed, [5], 0.3, 1.7),
  truncatedNormal: (seed) => random.truncatedNormal(seed, [2, 3]),
  integers: (seed) => random.integers(seed, [6], -5, 1000),
  split: (seed) => random.split(seed, 3),
  foldIn: (seed) => random.foldIn(seed, 5),
  foldInNegative: (seed) => random.foldIn(seed, -9),
};

for (const [name, draw] of Object.entries(draws)) {
  Deno.test(`random: ${name} equals Python TensorFlow, eager and compiled`, () =>
    leavesNothing(() => {
      const compiled = compile(draw);
      for (const { seed, [name]: expected } of goldens) {
        tf.tidy(() => {
          const from = tf.tensor1d(seed!, "int32");
          const eager = draw(from);
          // Nine digits tell any float32 from its neighbours.
          assertEquals(values(eager).map(nineDigits), expected!.map(nineDigits));
          assertEquals(values(compiled.sync(from)), values(eager));
        });
      }
      assertEquals(compiled.traceCount, 1);
      compiled.dispose();
    }));
}

function nineDigits(value: number): number {
  return Number(value.toPrecision(9));
}

Deno.test("random: a seed from a number is Python's [0, number]", () =>
  leavesNothing(() => {
    for (const number of [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)]) {
      const seed = random.seed(number);
      assertEquals([seed.dtype, values(seed)], ["int32", [0, number]]);
      seed.dispose();
    }
    for (const number of [0.5, NaN, Infinity, 2 ** 31, -(2 ** 31) - 1]) {
      assertThrows(() => random.seed(number), RangeError, `Cannot seed with ${number}`);
    }
  }));

Deno.test("random: streams of different numbers and seeds differ, the same repeat", () =>
  leavesNothing(() =>
    tf.tidy(() => {
      const root = random.seed(1);
      const of = (seed: random.Seed) => values(random.uniform(seed, [4])).join();
      const parts = tf.unstack(random.split(root, 3)) as random.Seed[];
      const steps = [0, 1, 2].map((step) => random.foldIn(root, step));
      const streams = [root, ...parts, ...steps].map(of);
      assertEquals(new Set(streams).size, 7);
      assertEquals(of(random.foldIn(root, tf.scalar(2, "int32"))), of(steps[2]!));
    })
  ));

Deno.test("random: moments and ranges are those of the distributions", () =>
  leavesNothing(() =>
    tf.tidy(() => {
      const seed = random.seed(5);
      const shape = [100, 100];
      const moments = (x: tf.Tensor) => {
        const { mean, variance } = tf.moments(x);
        return tf.stack([mean, variance]);
      };
      assertClose(moments(random.uniform(seed, shape, -1, 3)), [1, 16 / 12], 0.03);
      assertClose(moments(random.normal(seed, shape, 2, 0.5)), [2, 0.25], 0.03);
      const truncated = random.truncatedNormal(seed, shape, 1, 2);
      assert(values(truncated).every((value) => Math.abs(value - 1) <= 4));
      const integers = values(random.integers(seed, shape, -1, 2));
      assertEquals([...new Set(integers)].sort(), [-1, 0, 1]);
      assertClose(tf.mean(random.bernoulli(seed, shape, 0.2).toFloat()), [0.2], 0.02);
    })
  ));

Deno.test("random: bernoulli takes probabilities as numbers and tensors", () =>
  leavesNothing(() =>
    tf.tidy(() => {
      const seed = random.seed(5);
      const never = random.bernoulli(seed, [100], 0);
      assertEquals([never.dtype, new Set(values(never))], ["bool", new Set([0])]);
      assertEquals(new Set(values(random.bernoulli(seed, [100], 1))), new Set([1]));
      const mixed = random.bernoulli(seed, [100, 2], tf.tensor1d([0, 1]));
      assertEquals(new Set(values(mixed.slice([0, 1]))), new Set([1]));
    })
  ));

Deno.test("random: empty shapes and scalars", () =>
  leavesNothing(() =>
    tf.tidy(() => {
      const seed = random.seed(0);
      assertEquals(random.normal(seed, []).shape, []);
      assertEquals(values(random.normal(seed, [0, 3])), []);
      assertEquals(random.normal(seed, [0, 3]).shape, [0, 3]);
      assertEquals(values(random.normal(seed, [3], 7, 0)), [7, 7, 7]);
    })
  ));

Deno.test("random refuses impossible parameters, by name and value", () =>
  leavesNothing(() =>
    tf.tidy(() => {
      const seed = random.seed(0);
      const refused: [draw: () => unknown, message: string][] = [
        [() => random.bernoulli(seed, [1], NaN), "probability NaN"],
        [() => random.bernoulli(seed, [1], -0.1), "probability -0.1"],
        [() => random.bernoulli(seed, [1], 1.1), "probability 1.1"],
        [() => random.integers(seed, [1], 3, 3), "[3, 3)"],
        [() => random.integers(seed, [1], 3, 2), "[3, 2)"],
        [() => random.integers(seed, [1], 0.5, 2), "draw integers from 0.5"],
        [() => random.integers(seed, [1], 0, 2 ** 31), "draw integers below 2147483648"],
        [() => random.uniform(seed, [1], 1, 1), "[1, 1)"],
        [() => random.uniform(seed, [1], 0, NaN), "[0, NaN)"],
        [() => random.uniform(seed, [1], 0, Infinity), "[0, Infinity)"],
        [() => random.normal(seed, [2, -1]), "shape [2,-1]"],
        [() => random.normal(seed, [1.5]), "shape [1.5]"],
        [() => random.split(seed, 0), "into 0"],
        [() => random.split(seed, 1.5), "into 1.5"],
        [() => random.foldIn(seed, 1.5), "the number 1.5"],
      ];
      for (const [draw, message] of refused) assertThrows(draw, RangeError, message);
    })
  ));

Deno.test("random refuses seeds that are none, and leaves no handle behind", () =>
  leavesNothing(() => {
    const seeds = [tf.tensor1d([1], "int32"), tf.tensor1d([1, 2, 3], "int32"), tf.ones([2])];
    for (const seed of seeds) assertThrows(() => random.normal(seed as random.Seed, [1]), Error);
    tf.dispose(seeds);
  }));
