/** What a configuration's entries for data come to. @module */
import { join } from "node:path";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { tf } from "../../lib/tensorflow/mod.ts";
import { buildTask, ConfigError, type TrainConfig } from "../../lib/train/mod.ts";
import { temporaryFolder } from "../data/_files.ts";
import { values, withoutLeaks } from "../_tensors.ts";
import { tinyConfig } from "./_runs.ts";

const goldens = new URL("../goldens/", import.meta.url).pathname;

/** The drawn photographs, four of each class, in folders of classes. */
async function photographs(folder: string): Promise<void> {
  for (const name of ["colour", "tall"]) {
    for (const split of ["train", "val"]) {
      await Deno.mkdir(join(folder, split, name), { recursive: true });
      for (let copy = 0; copy < 4; copy++) {
        await Deno.copyFile(
          join(goldens, "photographs", `${name}.jpg`),
          join(folder, split, name, `${copy}.jpg`),
        );
      }
    }
  }
}

/** Images and labels of an epoch, and the images that are evaluated. */
async function dataOf(config: TrainConfig, seed = 1) {
  const task = await buildTask(config);
  const read = async (batches: ReturnType<typeof task.training.epoch>) => {
    const found: { images: number[]; labels: number[] } = { images: [], labels: [] };
    for await (const { images, labels } of batches) {
      found.images.push(...values(images));
      found.labels.push(...values(labels));
      tf.dispose([images, labels]);
    }
    return found;
  };
  const { images, labels } = await read(task.training.epoch(seed));
  return { images, labels, evaluated: (await read(task.evaluation.epoch())).images };
}

for (const kind of ["folder", "records"]) {
  Deno.test(`augmentation of a ${kind}: none and basic crop, autoaugment is RandAugment, center_crop is evaluation's`, () =>
    withoutLeaks(async () => {
      using folder = temporaryFolder();
      if (kind === "folder") await photographs(folder.path);
      const path = kind === "folder" ? folder.path : join(goldens, "records");
      const { trainCount: _train, testCount: _test, ...rest } = tinyConfig;
      const few = { ...rest, dataset: `${kind}:${path}`, batchSize: 1, imageSize: 32 };
      const of = (augmentation: string, seed?: number) => dataOf({ ...few, augmentation }, seed);
      const none = await of("none");
      assertEquals((await of("basic")).images, none.images);
      assertEquals((await of("autoaugment")).images, (await of("randaugment_2_9")).images);
      assertNotEquals((await of("autoaugment")).images, none.images);
      if (kind === "records") return; // of one colour each, so that all crops are alike
      assertNotEquals((await of("none", 2)).images, none.images);
      const size = 32 * 32 * 3;
      const distinct = (images: readonly number[]) =>
        new Set(
          Array.from(
            { length: images.length / size },
            (_, index) => images.slice(index * size, (index + 1) * size).join(),
          ),
        );
      assertEquals(distinct(none.images).size, 8);
      const middle = await of("center_crop");
      assertEquals(distinct(middle.images).size, 2);
      assertEquals(distinct(middle.images), distinct(middle.evaluated));
    }));
}

Deno.test("cutout length and mixup alpha reach the batches", () =>
  withoutLeaks(async () => {
    const plain = { ...tinyConfig, augmentation: "none", batchSize: 10 };
    const cut = async (cutoutLength?: number) => {
      const given = cutoutLength === undefined ? {} : { cutoutLength };
      const { images } = await dataOf({ ...plain, batchAugmentation: "cutout", ...given });
      return images.filter((pixel) => pixel === 0).length / 70;
    };
    const [small, usual, same] = [await cut(4), await cut(), await cut(16)];
    assertEquals(usual, same);
    assert(small > 0 && small <= 16 && usual > 50, `${small} and ${usual} pixels an image`);
    const shares = async (mixupAlpha?: number) => {
      const given = mixupAlpha === undefined ? {} : { mixupAlpha };
      const config = {
        ...plain,
        trainCount: 200,
        batchAugmentation: "mixup_per_example",
        ...given,
      };
      const { labels } = await dataOf(config);
      const own = Array.from(
        { length: 200 },
        (_, index) => Math.max(...labels.slice(10 * index, 10 * index + 10)),
      );
      return own.reduce((sum, share) => sum + share, 0) / own.length;
    };
    const [sharp, even] = [await shares(0.05), await shares(1)];
    assertEquals(even, await shares());
    assert(sharp > 0.93 && even < 0.87, `own shares of ${sharp} and ${even}`);
  }));

Deno.test("entries of data that cannot work together are refused, and the one to blame is named", async () => {
  const cases: [Partial<TrainConfig>, keyof TrainConfig, string][] = [
    [{ augmentation: "center_crop" }, "augmentation", "its images are in memory"],
    [{ cutoutLength: 8 }, "cutoutLength", "only cutout and mixcut have one"],
    [{ batchAugmentation: "mixup", cutoutLength: 8 }, "cutoutLength", 'by "mixup" with cutout'],
    [{ batchAugmentation: "cutout", cutoutLength: 1 }, "cutoutLength", "an integer >= 2"],
    [{ mixupAlpha: 0.2 }, "mixupAlpha", "only mixup and mixcut have one"],
    [{ batchAugmentation: "cutmix", mixupAlpha: 1 }, "mixupAlpha", 'by "cutmix" with mixup alpha'],
    [{ batchAugmentation: "mixcut", mixupAlpha: 0 }, "mixupAlpha", "a number > 0"],
    [{ batchAugmentation: "cut", cutoutLength: 8 }, "batchAugmentation", "the known names are"],
  ];
  for (const [changes, key, message] of cases) {
    const error = await assertRejects(
      () => buildTask({ ...tinyConfig, ...changes }),
      ConfigError,
      message,
    );
    assertEquals(error.key, key);
  }
});

Deno.test("augmentations of batches reach batches of files and records", () =>
  withoutLeaks(async () => {
    using folder = temporaryFolder();
    await photographs(folder.path);
    const { trainCount: _train, testCount: _test, ...rest } = tinyConfig;
    for (const dataset of [`folder:${folder.path}`, `records:${join(goldens, "records")}`]) {
      const config = { ...rest, dataset, batchSize: 3, imageSize: 16 };
      const isMixed = async (batchAugmentation: string) =>
        (await dataOf({ ...config, batchAugmentation })).labels
          .some((share) => share > 0 && share < 1);
      assertEquals([await isMixed("none"), await isMixed("mixup")], [false, true], dataset);
    }
  }));

Deno.test("a training set of files is evaluated in its order, by the crop in the middle", () =>
  withoutLeaks(async () => {
    using folder = temporaryFolder();
    await photographs(folder.path);
    const changes = { dataset: `folder:${folder.path}`, batchSize: 2, imageSize: 16 };
    const wanted = { ...tinyConfig, ...changes, trainCount: 7, testCount: 8, labelNoise: 0.5 };
    const task = await buildTask({ ...wanted, evaluateTrainingSet: true });
    const read = async (batches: typeof task.evaluation) => {
      const labels: number[] = [];
      const images = new Set<string>();
      for await (const batch of batches.epoch()) {
        labels.push(...tf.tidy(() => values(batch.labels.argMax(1))));
        tf.tidy(() => batch.images.unstack().forEach((image) => images.add(values(image).join())));
        tf.dispose([batch.images, batch.labels]);
      }
      return { labels, images };
    };
    const { labels, images } = await read(task.trainEvaluation!);
    assertEquals(labels, [...task.noisyLabels!.labels]);
    assertEquals(images, (await read(task.evaluation)).images);
    const { trainEvaluation } = await buildTask(wanted);
    assertEquals(trainEvaluation, undefined);
  }));
