import { assert, assertEquals } from "@std/assert";
import { basic, flipAndCrop } from "../../lib/data/augment/basic.ts";
import { random, tf } from "../../lib/tensorflow/mod.ts";
import { fixture } from "../_fixtures.ts";

Deno.test({
  name: "flipAndCrop: the reference's samples, with its recorded draws, to the byte",
  fn() {
    tf.tidy(() => {
      const oracle = fixture("batch_augment");
      const image = oracle.array("weak_image");
      const samples = oracle.array("weak_samples");
      const draws = oracle.scalars.weak_samples_flip_and_offset as {
        flip: number;
        y: number;
        x: number;
      }[];
      assertEquals(samples.shape[0], draws.length);
      const int32 = (name: "flip" | "y" | "x") =>
        tf.tensor1d(draws.map((draw) => draw[name]), "int32");
      const images = tf.stack(draws.map(() => image));
      const made = flipAndCrop(images, int32("flip"), int32("y"), int32("x"));
      assertEquals(made.dataSync(), samples.dataSync());
    });
  },
});

Deno.test("basic: the same seed gives the same images, and every offset and both flips are drawn", () => {
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const image = tf.range(0, 10 * 12, 1, "int32").reshape([1, 10, 12, 1]);
    const images = image.tile([1500, 1, 1, 1]);
    const augmented = basic(images, random.seed(7));
    assertEquals([augmented.shape, augmented.dtype], [images.shape, "int32"]);
    assertEquals(augmented.dataSync(), basic(images, random.seed(7)).dataSync());
    const seen = new Set(augmented.unstack().map((image) => image.dataSync().toString()));
    assertEquals(seen.size, 2 * 9 * 9);
    assert(augmented.max().dataSync()[0]! < 120 && augmented.min().dataSync()[0]! >= 0);
  });
  assertEquals(tf.memory().numTensors, before);
});
