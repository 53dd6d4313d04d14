import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { symmetricBeta } from "../../lib/data/augment/_beta.ts";
import { cutmix, cutMixWith } from "../../lib/data/augment/cutmix.ts";
import { cutOut, cutout } from "../../lib/data/augment/cutout.ts";
import { mixcut } from "../../lib/data/augment/mixcut.ts";
import { mixup, mixWith } from "../../lib/data/augment/mixup.ts";
import {
  batchAugmentationOf,
  type BatchAugmentationOptions,
} from "../../lib/data/augment/batch_registry.ts";
import type { BatchAugmentation } from "../../lib/data/augment/types.ts";
import { random, tf } from "../../lib/tensorflow/mod.ts";
import { assertDistribution } from "../_distribution.ts";
import { digestOf, fixture, largestDifference } from "../_fixtures.ts";
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
  "mixcut: mixes and cuts by a seed of its own each, with its settings",
  scoped(() => {
    const images = random.uniform(random.seed(5), [4, 20, 20, 3], 1, 2);
    const labels = tf.oneHot(tf.range(0, 4, 1, "int32"), 4).toFloat();
    for (const seed of [1, 2, 3]) {
      const [one, two] = random.split(random.seed(seed)).unstack() as [random.Seed, random.Seed];
      const mixed = mixup("per example", 0.3)({ images, labels }, one);
      const expected = cutout("per example", 6)(mixed, two);
      const made = mixcut("per example", 0.3, 6)({ images, labels }, random.seed(seed));
      assertEquals(largestDifference(made, expected), 0);
    }
  }),
);

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

Deno.test(
  "cutout length: the patch covers the reference's rows, of an odd length one less",
  scoped(() => {
    const images = tf.ones([1, 20, 20, 1]);
    // Rows from the centre minus half the length, rounded down, to the centre plus that half.
    for (const [length, center, first, last] of [[16, 10, 2, 17], [6, 10, 7, 12], [7, 10, 7, 12]]) {
      const cut = cutOut(images, tf.scalar(center!), tf.scalar(center!), length);
      const rows = values(cut.min([0, 2, 3]));
      assertEquals(rows, rows.map((_, row) => row >= first! && row <= last! ? 0 : 1));
      assertEquals(values(cut.sum()), [400 - (last! - first! + 1) ** 2]);
    }
    for (const name of ["cutout", "mixcut"]) {
      const sizes = Array.from({ length: 40 }, (_, seed) => {
        const by = batchAugmentationOf(name, { cutoutLength: 6 })!;
        const { images: cut } = by(batch(), random.seed(seed));
        return 400 - values(cut.unstack()[0]!.sum())[0]!;
      });
      assertEquals(Math.max(...sizes.map(Math.round)), 36, name);
    }
  }),
);

Deno.test(
  "mixup alpha: weights are of Beta(alpha, alpha), finite for small ones too",
  scoped(() => {
    const count = 4000;
    const distributions: [number, (x: number) => number][] = [
      [0.5, (x) => 2 / Math.PI * Math.asin(Math.sqrt(Math.min(1, x)))],
      [1, (x) => x],
      [2, (x) => 3 * x ** 2 - 2 * x ** 3],
      [3, (x) => 10 * x ** 3 - 15 * x ** 4 + 6 * x ** 5],
    ];
    for (const [alpha, distribution] of distributions) {
      const found = values(symmetricBeta(random.seed(1), count, alpha));
      assertDistribution(found, distribution, `Beta(${alpha}, ${alpha})`);
    }
    for (const alpha of [0.001, 0.1, 1000]) {
      const found = values(symmetricBeta(random.seed(1), count, alpha));
      assert(found.every((weight) => weight >= 0 && weight <= 1), `alpha ${alpha}`);
      const mean = (of: (weight: number) => number) =>
        found.reduce((sum, weight) => sum + of(weight), 0) / count;
      assert(Math.abs(mean((weight) => weight) - 0.5) < 0.03, `alpha ${alpha}`);
      const variance = 1 / (4 * (2 * alpha + 1));
      const spread = mean((weight) => (weight - 0.5) ** 2) / variance;
      assert(Math.abs(spread - 1) < 0.1, `alpha ${alpha}: ${spread} times the variance`);
    }
    for (const name of ["mixup_per_example", "mixcut_per_example"]) {
      const labels = tf.tile(tf.tensor2d([[1, 0], [0, 1]]), [200, 1]);
      const by = batchAugmentationOf(name, { mixupAlpha: 0.1 })!;
      const { labels: mixed } = by({ images: tf.ones([400, 4, 4, 1]), labels }, random.seed(2));
      const own = values(mixed.max(1));
      // For max(w, 1 − w) of Beta(0.1, 0.1); of Beta(1, 1) it would be a fiftieth.
      const share = own.filter((weight) => weight > 0.99).length / own.length;
      assert(share > 0.5 && share < 0.8, `${share} are almost unmixed`);
    }
  }),
);

Deno.test("batch augmentations: settings out of their range, or of another one, are refused", () => {
  const refused = (name: string, options: BatchAugmentationOptions, message: string) =>
    assertThrows(() => batchAugmentationOf(name, options), RangeError, message);
  for (const name of ["none", "mixup", "cutmix", "mixup_per_example"]) {
    refused(name, { cutoutLength: 8 }, `by "${name}" with cutout length 8: only cutout and mixcut`);
  }
  for (const name of ["none", "cutout", "cutmix", "cutmix_per_example"]) {
    refused(name, { mixupAlpha: 0.2 }, `by "${name}" with mixup alpha 0.2: only mixup and mixcut`);
  }
  for (const cutoutLength of [1, 0, -2, 2.5, NaN, Infinity]) {
    refused("cutout", { cutoutLength }, `${cutoutLength}: it must be an integer from 2`);
  }
  for (const mixupAlpha of [0, -1, NaN, Infinity]) {
    refused("mixcut", { mixupAlpha }, `${mixupAlpha}: it must be above 0 and finite`);
  }
});

Deno.test("batch augmentations: an unknown name is refused with the known ones", () => {
  assertEquals(batchAugmentationOf("none"), undefined);
  assertThrows(
    () => batchAugmentationOf("cutouts"),
    RangeError,
    'Cannot augment by "cutouts": the known names are none, cutout, cutout_per_example, mixup, ',
  );
});
