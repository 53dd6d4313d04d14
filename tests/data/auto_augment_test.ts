import { assert, assertEquals, assertThrows } from "@std/assert";
import { autoAugment, bothDirections, centersOf } from "../../lib/data/augment/auto_augment.ts";
import { basic } from "../../lib/data/augment/basic.ts";
import { operate } from "../../lib/data/augment/image_operations.ts";
import {
  AUTO_AUGMENT_REACH,
  OPERATIONS,
  RAND_AUGMENT_REACH,
  scaledReach,
} from "../../lib/data/augment/operation.ts";
import { cifarPolicy, imagenetPolicy, svhnPolicy } from "../../lib/data/augment/policies.ts";
import { randAugment } from "../../lib/data/augment/rand_augment.ts";
import {
  augmentationNames,
  augmentationOf,
  hasRandomCrops,
} from "../../lib/data/augment/registry.ts";
import { imageSource, loadSynthetic } from "../../lib/data/mod.ts";
import { dataset, random, tf } from "../../lib/tensorflow/mod.ts";
import { fixtureJson, largestDifference } from "../_fixtures.ts";
import { scoped, values } from "../_tensors.ts";

const REACH = AUTO_AUGMENT_REACH;
const data = (name: string, channels = 3) => ({
  name,
  train: { shape: [32, 32, channels] as const },
});
const files = (name: string) => ({
  name,
  train: { shape: [32, 32, 3] as const, paths: ["a.jpg"] },
});

/** The same image many times, its values all different. */
function copies(count: number): tf.Tensor {
  const image = tf.range(0, 8 * 8 * 3, 1, "int32").reshape([1, 8, 8, 3]);
  return tf.tile(image, [count, 1, 1, 1]);
}

Deno.test({
  name: "policies: the reference's",
  fn() {
    const { cifar, svhn, imagenet } = fixtureJson("policies.json");
    assertEquals([cifarPolicy, svhnPolicy, imagenetPolicy], [cifar, svhn, imagenet]);
  },
});

Deno.test(
  "autoAugment: operations come as often as their probabilities say, one sub-policy an image",
  scoped(() => {
    const count = 4000;
    // Inverted images have the first pixel 255, brightened ones (twice) have the last doubled.
    const policy = [
      [["Invert", 0.25, 0], ["Invert", 0, 0]],
      [["Posterize", 0, 0], ["SolarizeAdd", 0.5, 10]],
    ] as const;
    const made = autoAugment(policy, REACH)(copies(count), random.seed(1));
    const first = values(made.slice([0, 0, 0, 0], [-1, 1, 1, 1]));
    const share = (value: number) => first.filter((pixel) => pixel === value).length / count;
    assert(Math.abs(share(255) - 0.125) < 0.02, `inverted: ${share(255)}`);
    assert(Math.abs(share(110) - 0.25) < 0.02, `added to: ${share(110)}`);
    assert(Math.abs(share(0) - 0.625) < 0.03, `left alone: ${share(0)}`);
  }),
);

Deno.test(
  "autoAugment: both operations of a sub-policy, in their order, and both directions",
  scoped(() => {
    const both = [[["Invert", 1, 0], ["Posterize", 1, 8]]] as const; // 3 bits
    const inverted = autoAugment(both, REACH)(copies(1), random.seed(0));
    assertEquals(values(inverted).slice(0, 3), [224, 224, 224]); // 255, 254, 253 in 3 bits
    const shift = [[["TranslateX", 1, 10], ["Invert", 0, 0]]] as const;
    const moved = autoAugment(shift, { cutout: 0, translate: 1, size: 8 })(
      copies(200),
      random.seed(0),
    );
    const left = values(moved.slice([0, 0, 0, 0], [-1, 1, 1, 1])).filter((pixel) => pixel === 3);
    assert(left.length > 70 && left.length < 130, `${left.length} of 200 moved to the left`);
  }),
);

Deno.test(
  "autoAugment: the two operations of a sub-policy are independent",
  scoped(() => {
    const half = [[["Invert", 0.5, 0], ["Posterize", 0.5, 8]]] as const; // 3 bits
    const count = 2000;
    const made = autoAugment(half, REACH)(copies(count), random.seed(3));
    const pixels = values(made.slice([0, 0, 1, 2], [-1, 1, 1, 1])); // 5 at first
    for (const pixel of [5, 250, 0, 224]) {
      const share = pixels.filter((value) => value === pixel).length / count;
      assert(Math.abs(share - 0.25) < 0.04, `${pixel}: ${share}`);
    }
  }),
);

Deno.test(
  "randAugment: every layer draws one of all operations, by a seed of its own",
  scoped(() => {
    const by = (layers: number) => randAugment({ layers, magnitude: 9, reach: REACH });
    const images = copies(100);
    const [first, second] = random.split(random.seed(6), 2).unstack() as [
      random.Seed,
      random.Seed,
    ];
    const layer = (images: tf.Tensor, seed: random.Seed) => {
      const actions = OPERATIONS.filter((operation) => operation !== "None")
        .flatMap((operation) => bothDirections(operation, 9, REACH));
      const [action, y, x] = random.uniform(seed, [3, images.shape[0]!]).unstack();
      return operate(images, actions, {
        actions: tf.mul(action!, actions.length).toInt(),
        centers: centersOf(images, y!, x!),
      });
    };
    const expected = layer(layer(images, first), second);
    assertEquals(largestDifference(by(2)(images, random.seed(6)), expected), 0);
  }),
);

Deno.test(
  "augmentations by name: of two in turn, each has a seed of its own",
  scoped(() => {
    const images = random.uniform(random.seed(1), [16, 32, 32, 3], 0, 256).toInt();
    const [one, two] = random.split(random.seed(4)).unstack() as [random.Seed, random.Seed];
    const expected = basic(autoAugment(cifarPolicy, REACH)(images, one), two);
    const made = augmentationOf("autoaugment")(data("cifar10"))!(images, random.seed(4));
    assertEquals(largestDifference(made, expected), 0);
  }),
);

Deno.test(
  "randAugment: every image is changed at every layer, by the seed alone",
  scoped(() => {
    const augment = randAugment({ layers: 2, magnitude: 9, reach: REACH });
    const made = augment(copies(200), random.seed(5));
    assertEquals([made.dtype, made.shape], ["int32", [200, 8, 8, 3]]);
    const bytes = values(made);
    assert(bytes.every((byte) => byte >= 0 && byte <= 255 && Number.isInteger(byte)));
    const sums = new Set(made.unstack().map((image) => values(image.sum())[0]));
    assert(sums.size > 60, `${sums.size} sums`);
    assertEquals(values(augment(copies(200), random.seed(5))), bytes);
  }),
);

Deno.test("randAugment: refuses layers and magnitudes that cannot be", () => {
  for (const [layers, magnitude] of [[0, 9], [1.5, 9], [2, 0]] as const) {
    assertThrows(
      () => randAugment({ layers, magnitude, reach: REACH }),
      RangeError,
      `with ${layers} layers of magnitude ${magnitude}`,
    );
  }
});

Deno.test("scaledReach: translations keep their share of the image", () => {
  const { translate, cutout } = scaledReach(32, REACH);
  assertEquals([translate.toFixed(2), cutout.toFixed(2)], ["24.17", "9.67"]);
  assertEquals(scaledReach(331), REACH);
});

Deno.test("augmentations by name: in a data set as alone, on colour and on gray", async () => {
  const names = [
    "basic",
    "autoaugment",
    "autoaugment_only",
    "aa-only",
    "autoaugment_rescaled",
    "randaugment_2_9",
    "randaugment_rescaled_1_5",
  ];
  for (const name of names) {
    for (const channels of [1, 3]) {
      const augment = augmentationOf(name)(data("cifar10", channels))!;
      const images = random.uniform(random.seed(1), [16, 32, 32, channels], 0, 256).toInt();
      const source = dataset.fromArrays({
        images: { values: images.dataSync() as Int32Array, shape: images.shape },
      });
      const batches = source.batch(16, { dropRemainder: true }).map(({ images }, seed) => ({
        made: augment(images, seed),
        seed,
      }));
      for await (const { made, seed } of batches.epoch(2)) {
        const alone = augment(images, seed as random.Seed);
        assertEquals(values(made), values(alone), name);
        tf.dispose([made, seed, alone]);
      }
      images.dispose();
    }
  }
  assertEquals(augmentationOf("none")(data("cifar10")), undefined);
});

Deno.test(
  "augmentations by name: AutoAugment has another policy for SVHN and for files",
  scoped(() => {
    const images = random.uniform(random.seed(1), [32, 32, 32, 3], 0, 256).toInt();
    const sets = ["cifar10", "svhn", "imagenet", "cifar100", "svhn_core"].map((name) =>
      name === "imagenet" ? files(name) : data(name)
    );
    const made = sets.map((set) =>
      values(augmentationOf("autoaugment_only")(set)!(images, random.seed(2))).join()
    );
    assertEquals(new Set(made).size, 3);
    assertEquals([made[0], made[1]], [made[3], made[4]]);
    const wanted = autoAugment(imagenetPolicy, AUTO_AUGMENT_REACH)(images, random.seed(2));
    assertEquals(made[2], values(wanted).join());
  }),
);

Deno.test(
  "augmentations by name: autoaugment of files is RandAugment, two layers of magnitude 9",
  scoped(() => {
    const images = random.uniform(random.seed(1), [32, 32, 32, 3], 0, 256).toInt();
    const by = (name: string, set: Parameters<ReturnType<typeof augmentationOf>>[0]) =>
      augmentationOf(name)(set)!(images, random.seed(2));
    const wanted = randAugment({ layers: 2, magnitude: 9, reach: RAND_AUGMENT_REACH })(
      images,
      random.seed(2),
    );
    const isSame = (a: tf.Tensor, b: tf.Tensor) => largestDifference(a, b) === 0;
    for (const name of ["imagenet", "folder:pets", "records:imagenet"]) {
      assert(isSame(by("autoaugment", files(name)), wanted), name);
      assert(isSame(by("randaugment_2_9", files(name)), wanted), name);
      const rescaled = by("autoaugment_rescaled", files(name));
      assert(isSame(rescaled, by("randaugment_rescaled_2_9", files(name))), name);
      assert(!isSame(rescaled, wanted), name);
    }
    assert(!isSame(by("autoaugment", data("cifar10")), wanted));
  }),
);

Deno.test("augmentations by name: none and basic of files leave crops and flips to the pipeline", () => {
  for (const name of ["none", "basic", "center_crop"]) {
    assertEquals(augmentationOf(name)(files("imagenet")), undefined);
    assertEquals(hasRandomCrops(name), name !== "center_crop");
  }
  assertEquals(hasRandomCrops("autoaugment"), true);
  assertThrows(
    () => augmentationOf("center_crop")(data("cifar10")),
    RangeError,
    'Cannot augment cifar10 by "center_crop": its images are in memory and of one size; "none"',
  );
});

Deno.test("augmentations by name: unknown names are refused with the known ones", () => {
  for (const name of ["", "autoaugments", "randaugment", "randaugment_2", "constructor"]) {
    assertThrows(
      () => augmentationOf(name),
      RangeError,
      `Cannot augment by "${name}": the known names are ${augmentationNames.join(", ")}`,
    );
  }
});

Deno.test("augmentations by name: the pipeline makes batches of them", async () => {
  const set = await loadSynthetic({ size: 32, channels: 3, trainCount: 64, testCount: 8 });
  const augmentation = augmentationOf("autoaugment")(set)!;
  let count = 0;
  for await (const batch of imageSource(set).training({ batchSize: 16, augmentation }).epoch(0)) {
    assertEquals(batch.images.shape, [16, 32, 32, 3]);
    tf.dispose([batch.images, batch.labels]);
    count++;
  }
  assertEquals(count, 4);
});
