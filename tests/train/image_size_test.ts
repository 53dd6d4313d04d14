/** Each network gets the images that it was made for, of every kind of data set. */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { resizeBicubic } from "../../lib/data/augment/resize.ts";
import { type dataset, tf } from "../../lib/tensorflow/mod.ts";
import {
  type Batch,
  buildTask,
  defaultConfig,
  train,
  type TrainConfig,
} from "../../lib/train/mod.ts";
import { largestDifference } from "../_fixtures.ts";
import { withoutLeaks } from "../_tensors.ts";
import { withFolder } from "./_runs.ts";

const RECORDS = `records:${new URL("../goldens/records", import.meta.url).pathname}`;
const IMAGE = new URL("../goldens/cmyk.jpg", import.meta.url);

const config: TrainConfig = {
  ...defaultConfig,
  dataset: "synthetic_16",
  trainCount: 2,
  testCount: 2,
  batchSize: 2,
};

/** The first batch, which is the caller's. */
async function first(batches: dataset.Dataset<Batch>): Promise<Batch> {
  for await (const batch of batches.epoch(0)) return batch;
  throw new Error("there is no batch");
}

/** What a run gets: shapes of its batches, and its warnings. */
async function images(changes: Partial<TrainConfig>) {
  const { inputShape, training, evaluation, warnings } = await buildTask({
    ...config,
    ...changes,
  });
  for (const batches of [training, evaluation]) {
    const { images, labels } = await first(batches);
    assertEquals(images.shape.slice(1), inputShape.slice(1));
    tf.dispose([images, labels]);
  }
  return { shape: inputShape.slice(1), warnings };
}

/** A folder of four JPEG files. */
function writeFolder(root: string): void {
  for (const set of ["train", "val"]) {
    for (const name of ["a", "b"]) {
      Deno.mkdirSync(join(root, set, name), { recursive: true });
      Deno.copyFileSync(IMAGE, join(root, set, name, "0.jpg"));
    }
  }
}

Deno.test("image size: EfficientNets get their own, from memory, files and records", () =>
  withoutLeaks(() =>
    withFolder(async (root) => {
      writeFolder(root);
      const sets: [changes: Partial<TrainConfig>, channels: number][] = [
        [{}, 1],
        [{ dataset: "synthetic_32" }, 3],
        [{ dataset: `folder:${root}` }, 3],
        [{ dataset: RECORDS }, 3],
      ];
      for (const [set, channels] of sets) {
        for (const [model, size] of [["efficientnet_b1", 240], ["efficientnet-b2", 260]] as const) {
          const found = await images({ ...set, model });
          assertEquals(found, { shape: [size, size, channels], warnings: [] });
        }
      }
    })
  ));

Deno.test("image size: other networks get 224 from files, and images in memory as they are", () =>
  withoutLeaks(async () => {
    const wide = await images({ model: "wide_resnet_10_1" });
    assertEquals(wide, { shape: [16, 16, 1], warnings: [] });
    const residual = await images({ model: "resnet_50", dataset: RECORDS });
    assertEquals(residual, { shape: [224, 224, 3], warnings: [] });
  }));

Deno.test("image size: pixels in memory are normalised, and then resized as the reference does", () =>
  withoutLeaks(async () => {
    const evaluated = async (model: string) =>
      await first((await buildTask({ ...config, model })).evaluation);
    const own = await evaluated("wide_resnet_10_1"), larger = await evaluated("efficientnet_b0");
    const expected = resizeBicubic(own.images, 224);
    assertEquals(largestDifference(larger.images, expected), 0);
    tf.dispose([own.images, own.labels, larger.images, larger.labels, expected]);
  }));

Deno.test("image size: another one than the network's only when asked for, with a warning", () =>
  withoutLeaks(() =>
    withFolder(async (root) => {
      const message = "Images are 32 × 32, as asked for; efficientnet_b1 was made for 240 × 240";
      for (const dataset of ["synthetic_16", RECORDS]) {
        const asked = await images({ dataset, model: "efficientnet_b1", imageSize: 32 });
        assertEquals([asked.shape.slice(0, 2), asked.warnings], [[32, 32], [message]]);
      }
      for (const [model, imageSize] of [["efficientnet_b1", 240], ["wide_resnet_10_1", 24]]) {
        const asked = await images({ model, imageSize } as Partial<TrainConfig>);
        assertEquals([asked.shape[0], asked.warnings], [imageSize, []]);
      }
      const told: string[] = [];
      const run = { ...config, model: "efficientnet_b1", imageSize: 32 };
      for await (const event of train(run, { folder: root })) {
        if (event.type === "warning") told.push(event.message);
        if (event.type === "step") break;
      }
      assertEquals(told, [message]);
    })
  ));

Deno.test("image size: what the network decides stays out of the run's configuration", () =>
  withoutLeaks(() =>
    withFolder(async (folder) => {
      const run = { ...config, samRho: 0, model: "efficientnet_b0", imageSize: undefined };
      // The configuration is written once the first step is possible.
      for await (const event of train(run, { folder })) if (event.type === "step") break;
      const written = JSON.parse(await Deno.readTextFile(join(folder, "config.json")));
      const entries = Object.keys(defaultConfig);
      const given = ["trainCount", "testCount"];
      assertEquals(Object.keys(written).sort(), [...entries, ...given].sort());
    })
  ));
