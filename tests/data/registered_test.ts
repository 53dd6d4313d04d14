/** Augmentations of users, by name and as values. */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  augmentationNames,
  augmentationOf,
  autoAugment,
  basic,
  batchAugmentationNames,
  batchAugmentationOf,
  cifarPolicy,
  imageSource,
  mixup,
  randAugment,
  registerAugmentation,
  registerBatchAugmentation,
  scaledReach,
  type TrainingBatchOptions,
} from "../../lib/data/mod.ts";
import { random, tf } from "../../lib/tensorflow/mod.ts";
import { values, withoutLeaks } from "../_tensors.ts";

const set = {
  images: Uint8Array.from({ length: 8 * 16 * 16 }, (_, index) => (index * 37) % 256),
  labels: Int32Array.from({ length: 8 }, (_, index) => index % 2),
  shape: [16, 16, 1] as const,
};
const source = imageSource({
  name: "own",
  classes: ["even", "odd"],
  train: set,
  test: set,
  mean: [0],
  standardDeviation: [1],
});

async function firstBatch(options: Omit<TrainingBatchOptions, "batchSize">) {
  for await (const { images, labels } of source.training({ batchSize: 8, ...options }).epoch(3)) {
    const found = { images: values(images), labels: values(labels) };
    tf.dispose([images, labels]);
    return found;
  }
  throw new Error("no batch");
}

Deno.test("a source takes augmentations as values, by name and registered", () =>
  withoutLeaks(async () => {
    const negative = (images: tf.Tensor) => tf.sub(tf.scalar(255, "int32"), images);
    registerAugmentation("negative_1", negative);
    const plain = await firstBatch({});
    const byName = await firstBatch({ augmentation: "negative_1" });
    assertEquals(byName, await firstBatch({ augmentation: negative }));
    assertEquals(
      byName.images.map((value) => Math.round(255 * (1 - value))),
      plain.images.map((value) => Math.round(255 * value)),
    );
    assertEquals(
      await firstBatch({ augmentation: "basic" }),
      await firstBatch({ augmentation: basic }),
    );
    registerBatchAugmentation(
      "half_1",
      ({ images, labels }) => ({ images: images.mul(0.5), labels }),
    );
    const half = await firstBatch({ batchAugmentation: "half_1" });
    assertEquals(half.images, plain.images.map((value) => value / 2));
    assertEquals(
      await firstBatch({ batchAugmentation: "mixup" }),
      await firstBatch({ batchAugmentation: mixup("per batch") }),
    );
    assert(augmentationNames.includes("negative_1") && batchAugmentationNames.includes("half_1"));
  }));

Deno.test("names of augmentations that are taken are refused, and unknown ones name the registered", () => {
  const same = (images: tf.Tensor) => images;
  registerAugmentation("same_1", same);
  registerBatchAugmentation("same_1", (batch) => batch);
  for (const name of ["same_1", "basic", "randaugment_3_4", "aa-only"]) {
    assertThrows(
      () => registerAugmentation(name, same),
      RangeError,
      `"${name}": the name is taken`,
    );
  }
  for (const name of ["same_1", "none", "mixup_per_example"]) {
    assertThrows(
      () => registerBatchAugmentation(name, (batch) => batch),
      RangeError,
      `"${name}": the name is taken`,
    );
  }
  assertThrows(() => registerAugmentation("a b", same), RangeError, "a name has letters");
  assertThrows(() => augmentationOf("same_2"), RangeError, "same_1");
  assertThrows(() => batchAugmentationOf("same_2"), RangeError, "same_1");
  assertThrows(
    () => batchAugmentationOf("same_1", { mixupAlpha: 1 }),
    RangeError,
    "only mixup and mixcut have one",
  );
  assertThrows(
    () => source.training({ batchSize: 8, augmentation: "same_2" }),
    RangeError,
    "same_1",
  );
});

Deno.test("AutoAugment and RandAugment have the reference's reach by default", () =>
  withoutLeaks(() =>
    tf.tidy(() => {
      const images = random.uniform(random.seed(1), [16, 32, 32, 3]).mul(256).toInt();
      const at = (augmentation: ReturnType<typeof autoAugment>) =>
        values(augmentation(images, random.seed(2)));
      const auto = (size?: number) =>
        at(
          size === undefined
            ? autoAugment(cifarPolicy)
            : autoAugment(cifarPolicy, scaledReach(size)),
        );
      assertEquals(auto(), auto(331));
      assertNotEquals(auto(), auto(32));
      const options = { layers: 2, magnitude: 9 };
      const named = augmentationOf("randaugment_2_9")({
        name: "files",
        train: { shape: [32, 32, 3], paths: [] },
      });
      assertEquals(at(randAugment(options)), at(named!));
      assertNotEquals(
        at(randAugment(options)),
        at(randAugment({ ...options, reach: scaledReach(32) })),
      );
    })
  ));

Deno.test("AutoAugment without sub-policies is refused", () => {
  for (const policy of [[], undefined]) {
    assertThrows(() => autoAugment(policy as never), TypeError, "without sub-policies");
  }
});
