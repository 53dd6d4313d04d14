import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { cutmix, cutMixWith } from "../../lib/data/augment/cutmix.ts";
import { cutOut, cutout } from "../../lib/data/augment/cutout.ts";
import { mixcut } from "../../lib/data/augment/mixcut.ts";
import { mixup, mixWith } from "../../lib/data/augment/mixup.ts";
import { batchAugmentationOf } from "../../lib/data/augment/registry.ts";
import type { BatchAugmentation } from "../../lib/data/augment/types.ts";
import { random, tf } from "../../lib/tensorflow/mod.ts";
import { digestOf, fixture } from "../_fixtures.ts";
import { assertMatches } from "../_samples.ts";
import { assertClose, scoped, values } from "../_tensors.ts";

Deno.test({
  name: "cutOut: the reference's patches at its recorded centres, to the bit",
  fn: scoped(() => {
    const oracle = fixture("batch_augment");
    const images = oracle.array("images");
    const { cutout } = oracle.scalars as {
      cutout: { key: string; center_h: number; center_w: number }[];
    };
    assertEquals(cutout.length, 6);
    for (const { key, center_h, center_w } of cutout) {
      const made = cutOut(images, tf.scalar(center_h), tf.scalar(center_w));
      assertEquals(digestOf(made.dataSync() as Float32Array), oracle.digest(key), key);
    }
  }),
});

Deno.test({
  name: "mixWith: the reference's mixtures for its recorded weights",
  fn: scoped(() => {
    const oracle = fixture("batch_augment");
    const batch = { images: oracle.array("images"), labels: oracle.array("labels") };
    for (const weight of [0.3, 0.8]) {
      const mixed = mixWith(batch, tf.scalar(weight));
      assertMatches(mixed.images, oracle.sample(`mixup_${weight}_images`), 1e-5, `${weight}`);
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
      const { labels } = mixup("per batch")(batch(), random.seed(seed));
      const [a, b, c, d] = values(labels) as [number, number, number, number];
      assertEquals([a, b], [d, c]);
      assert(Math.abs(a + b - 1) < 1e-6);
      return a;
    });
    assert(Math.min(...weights) >= 0.5 && Math.max(...weights) <= 1);
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
    assert(Math.abs(mean - 0.75) < 0.06, `mean ${mean}`); // of max(w, 1 − w) for uniform w
    const again = values(mixup("per batch")(batch(), random.seed(7)).labels)[0];
    assertEquals(again, weights[7]);
    assertNotEquals(again, weights[8]);
  }),
);

Deno.test(
  "cutout: the same patch in all images, centres everywhere, labels as they were",
  scoped(() => {
    const sizes = Array.from({ length: 60 }, (_, seed) => {
      const { images, labels } = cutout("per batch")(batch(), random.seed(seed));
      const [first, second] = images.unstack();
      assertEquals(first!.dataSync(), second!.dataSync());
      assertEquals(values(labels), [1, 0, 0, 1]);
      return 400 - values(first!.sum())[0]!;
    });
    // From a corner's quarter of a patch to a whole one.
    assert(Math.min(...sizes) < 130 && Math.max(...sizes) === 256, `${sizes}`);
  }),
);

Deno.test({
  name: "mixcut: the reference's, which is mixup and then cutout",
  fn: scoped(() => {
    const oracle = fixture("batch_augment");
    const batch = { images: oracle.array("images"), labels: oracle.array("labels") };
    const mixed = mixWith(batch, tf.scalar(0.3));
    const cut = cutOut(mixed.images, tf.scalar(10), tf.scalar(20));
    assertMatches(cut, oracle.sample("mixcut_w0.3_c10_20_images"), 1e-5, "mixcut");
    assertClose(mixed.labels, oracle.array("mixcut_w0.3_c10_20_labels").dataSync(), 1e-6);
    const { images } = mixcut("per batch")(batch, random.seed(1));
    const zeros = values(images).filter((value) => value === 0).length;
    assert(zeros >= 6 * 3 * 64, `${zeros} values are cut out`);
  }),
});

Deno.test(
  "cutmix: the box is the partner's, and labels are mixed by what is seen of both",
  scoped(() => {
    const images = tf.stack([tf.zeros([20, 20, 1]), tf.ones([20, 20, 1])]);
    const { labels } = batch();
    const lambda = tf.tensor1d([0.75]), middle = [tf.tensor1d([0.5]), tf.tensor1d([0.5])] as const;
    const mixed = cutMixWith({ images, labels }, lambda, middle);
    const [first, second] = mixed.images.unstack();
    // A half of the side in the middle: a quarter of the area.
    assertEquals(values(first!.sum()), [100]);
    assertEquals(values(second!.sum()), [300]);
    assertEquals(values(first!.slice([5, 5], [10, 10]).min()), [1]);
    assertClose(mixed.labels, [0.75, 0.25, 0.25, 0.75]);
    for (let seed = 0; seed < 30; seed++) {
      const { images: cut, labels: own } = cutmix("per batch")(
        { images, labels },
        random.seed(seed),
      );
      const share = values(cut.unstack()[0]!.mean())[0]!;
      assertClose(own, [1 - share, share, share, 1 - share]);
    }
  }),
);

for (const name of ["cutout", "mixup", "mixcut", "cutmix"]) {
  Deno.test(
    `${name}_per_example: each example has its own`,
    scoped(() => {
      const count = 16;
      // All the same, so that whatever differs was drawn.
      const pattern = random.uniform(random.seed(0), [2, 20, 20, 3], 1, 2);
      const images = tf.tile(pattern, [count / 2, 1, 1, 1]);
      const labels = tf.oneHot(tf.range(0, count, 1, "int32").mod(tf.scalar(2, "int32")), 2)
        .toFloat();
      const distinct = (by: BatchAugmentation) => {
        const { images: made } = by({ images, labels }, random.seed(3));
        const even = made.unstack().filter((_, index) => index % 2 === 0);
        return new Set(even.map((image) => values(image.sum())[0]!.toFixed(3))).size;
      };
      assertEquals(distinct(batchAugmentationOf(name)!), 1);
      const own = distinct(batchAugmentationOf(`${name}_per_example`)!);
      assert(own >= 4, `${own} of ${count / 2} differ`);
    }),
  );
}

Deno.test("batch augmentations: an unknown name is refused with the known ones", () => {
  assertEquals(batchAugmentationOf("none"), undefined);
  assertThrows(
    () => batchAugmentationOf("cutouts"),
    RangeError,
    'Cannot augment by "cutouts": the known names are none, cutout, cutout_per_example, mixup, ',
  );
});
