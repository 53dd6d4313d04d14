import { assertEquals, assertThrows } from "@std/assert";
import { resizeBicubic } from "../../lib/data/augment/resize.ts";
import { imageSource, loadSynthetic } from "../../lib/data/mod.ts";
import { tf } from "../../lib/tensorflow/mod.ts";
import { fixture } from "../_fixtures.ts";
import { assertMatches } from "../_samples.ts";
import { scoped } from "../_tensors.ts";

Deno.test({
  name: "resizeBicubic: the reference's, larger and smaller, of floats and of bytes",
  fn: scoped(() => {
    const oracle = fixture("batch_augment");
    const images = tf.slice(oracle.array("images"), [0], [2]);
    for (const size of [45, 64]) {
      const key = `resize_bicubic_${size}`;
      assertMatches(resizeBicubic(images, size), oracle.sample(key), 1e-5, key);
    }
    const bytes = fixture("autoaugment_ops").array("image3").expandDims(0);
    const small = oracle.sample("resize_bicubic_u8_40x56_to_24");
    assertMatches(resizeBicubic(bytes, 24).squeeze([0]), small, 1e-4, "bytes");
  }),
});

Deno.test("resizeBicubic: refuses sizes that cannot be", () => {
  assertThrows(() => resizeBicubic(tf.zeros([1, 2, 2, 1]), 0), RangeError, "to 0");
});

Deno.test("pipelines resize the normalised images", async () => {
  const set = await loadSynthetic({ size: 16, channels: 1, trainCount: 8, testCount: 4 });
  const source = imageSource(set, { imageSize: 24 });
  assertEquals(source.shape, [24, 24, 1]);
  for (
    const pipeline of [
      source.training({ batchSize: 4 }),
      source.evaluation({ batchSize: 4 }),
    ]
  ) {
    for await (const { images, labels } of pipeline.epoch()) {
      assertEquals(images.shape, [4, 24, 24, 1]);
      tf.dispose([images, labels]);
    }
  }
});
