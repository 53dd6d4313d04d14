import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { cutOut, cutout } from "../../lib/data/augment/cutout.ts";
import { mixup, mixWith } from "../../lib/data/augment/mixup.ts";
import { random, tf } from "../../lib/tensorflow/mod.ts";
import { fixture, ignoreFixtures } from "../_fixtures.ts";
import { assertClose, scoped, values } from "../_tensors.ts";

Deno.test({
  name: "cutOut: the reference's patches at its recorded centres, to the bit",
  ignore: ignoreFixtures,
  fn: scoped(() => {
    const oracle = fixture("batch_augment");
    const images = oracle.array("images");
    const { cutout } = oracle.scalars as {
      cutout: { key: string; center_h: number; center_w: number }[];
    };
    assertEquals(cutout.length, 6);
    for (const { key, center_h, center_w } of cutout) {
      const made = cutOut(images, tf.scalar(center_h), tf.scalar(center_w));
      assertClose(made, oracle.array(key).dataSync(), 0);
    }
  }),
});

Deno.test({
  name: "mixWith: the reference's mixtures for its recorded weights",
  ignore: ignoreFixtures,
  fn: scoped(() => {
    const oracle = fixture("batch_augment");
    const batch = { images: oracle.array("images"), labels: oracle.array("labels") };
    for (const weight of [0.3, 0.8]) {
      const mixed = mixWith(batch, tf.scalar(weight));
      assertClose(mixed.images, oracle.array(`mixup_${weight}_images`).dataSync(), 1e-5);
      assertClose(mixed.labels, oracle.array(`mixup_${weight}_labels`).dataSync(), 1e-6);
    }
  }),
});

/** Two white images of classes 0 and 1. */
const batch = () => ({
  images: tf.ones([2, 20, 20, 1]),
  labels: tf.tensor2d([[1, 0], [0, 1]]),
});

Deno.test(
  "mixup: weights between a half and one, labels still distributions, by the seed alone",
  scoped(() => {
    const weights = Array.from({ length: 50 }, (_, seed) => {
      const { labels } = mixup(batch(), random.seed(seed));
      const [a, b, c, d] = values(labels) as [number, number, number, number];
      assertEquals([a, b], [d, c]);
      assert(Math.abs(a + b - 1) < 1e-6);
      return a;
    });
    assert(Math.min(...weights) >= 0.5 && Math.max(...weights) <= 1);
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
    assert(Math.abs(mean - 0.75) < 0.06, `mean ${mean}`); // of max(w, 1 − w) for uniform w
    const again = values(mixup(batch(), random.seed(7)).labels)[0];
    assertEquals(again, weights[7]);
    assertNotEquals(again, weights[8]);
  }),
);

Deno.test(
  "cutout: the same patch in all images, centres everywhere, labels as they were",
  scoped(() => {
    const sizes = Array.from({ length: 60 }, (_, seed) => {
      const { images, labels } = cutout(batch(), random.seed(seed));
      const [first, second] = images.unstack();
      assertEquals(first!.dataSync(), second!.dataSync());
      assertEquals(values(labels), [1, 0, 0, 1]);
      return 400 - values(first!.sum())[0]!;
    });
    // From a corner's quarter of a patch to a whole one.
    assert(Math.min(...sizes) < 130 && Math.max(...sizes) === 256, `${sizes}`);
  }),
);
