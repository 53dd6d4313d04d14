import { assert, assertEquals } from "@std/assert";
import { basic, flipAndCrop } from "../../lib/data/augment/basic.ts";
import { random, tf } from "../../lib/tensorflow/mod.ts";
import { fixture, ignoreFixtures } from "../_fixtures.ts";

Deno.test({
  name: "flipAndCrop: the reference's samples, with its recorded draws, to the byte",
  ignore: ignoreFixtures,
  fn() {
    tf.tidy(() => {
      const oracle = fixture("batch_augment");
      const image = oracle.bytes("weak_image").toInt();
      const samples = oracle.bytes("weak_samples").toInt().unstack();
      const draws = oracle.scalars.weak_samples_flip_and_offset as {
        flip: number;
        y: number;
        x: number;
      }[];
      assertEquals(samples.length, draws.length);
      for (const [index, { flip, y, x }] of draws.entries()) {
        const int32 = (value: number) => tf.tensor1d([value], "int32");
        const made = flipAndCrop(image, int32(flip), int32(y), int32(x));
        assertEquals(made.dataSync(), samples[index]!.dataSync(), `sample ${index}`);
      }
    });
  },
});

Deno.test("basic: the same seed gives the same image, others reach every offset and both flips", () => {
  const before = tf.memory().numTensors;
  const image = tf.tidy(() => tf.range(0, 10 * 12, 1, "int32").reshape([10, 12, 1]));
  const seen = new Set<string>();
  const text = (seed: number) =>
    tf.tidy(() => basic(image, random.seed(seed)).dataSync().toString());
  for (let seed = 0; seed < 1500; seed++) seen.add(text(seed));
  assertEquals(text(7), text(7));
  assertEquals(seen.size, 2 * 9 * 9);
  tf.tidy(() => {
    const augmented = basic(image, random.seed(1));
    assertEquals(augmented.shape, image.shape);
    assertEquals(augmented.dtype, "int32");
    assert(augmented.max().dataSync()[0]! < 120 && augmented.min().dataSync()[0]! >= 0);
  });
  image.dispose();
  assertEquals(tf.memory().numTensors, before);
});
