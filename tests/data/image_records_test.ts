import { join } from "node:path";
import { setImmediate } from "node:timers";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { DataError, type ImageSource, imageSource, loadImageRecords } from "../../lib/data/mod.ts";
import { dataset, tf } from "../../lib/tensorflow/mod.ts";
import { defaultConfig, train } from "../../lib/train/mod.ts";
import { values, withoutLeaks } from "../_tensors.ts";
import { temporaryFolder } from "./_files.ts";

/** Made by `goldens/records.py` with TensorFlow 2.21: training as of TFDS, validation as of the garden. */
const GOLDEN = new URL("../goldens/records", import.meta.url).pathname;
const TRAIN = "tfds-train.tfrecord-00000-of-00001", TEST = "validation-00000-of-00001";

/** A copy of the golden files, which can be damaged. */
async function copied(): Promise<ReturnType<typeof temporaryFolder>> {
  const folder = temporaryFolder();
  for (const name of [TRAIN, TEST]) {
    await Deno.copyFile(join(GOLDEN, name), join(folder.path, name));
  }
  return folder;
}

Deno.test("loadImageRecords: counts and layouts of TFDS and of the model garden", async () => {
  const set = await loadImageRecords(`records:${GOLDEN}`, { imageSize: 16 });
  assertEquals([set.train.count, set.test.count, set.classes.length], [3, 2, 1000]);
  assertEquals([set.train.layout.label, set.test.layout.label], ["label", "image/class/label"]);
  assertEquals(set.train.shape, [16, 16, 3]);
  using folder = await copied();
  await Deno.writeTextFile(join(folder.path, "labels.txt"), "tench\ngoldfish\nshark\n");
  const { classes, train } = await loadImageRecords(`records:${folder.path}`, { trainCount: 2 });
  assertEquals([classes, train.count], [["tench", "goldfish", "shark"], 2]);
});

Deno.test("record pipelines: pixels with their labels, each record once", () =>
  withoutLeaks(async () => {
    using folder = await copied();
    await Deno.writeTextFile(join(folder.path, "labels.txt"), "a\nb\nc\n");
    const set = await loadImageRecords(`records:${folder.path}`, { imageSize: 16 });
    const seen = async (
      pipeline: ReturnType<ImageSource["training"]>,
      color: (label: number) => number[],
    ) => {
      const labels: number[] = [];
      for await (const batch of pipeline.epoch(1)) {
        tf.tidy(() => {
          assertEquals(batch.images.shape.slice(1), [16, 16, 3]);
          const bytes = batch.images.mul([...set.standardDeviation]).add([...set.mean]).mul(255);
          const means = bytes.mean([1, 2]).arraySync() as number[][];
          values(batch.labels.argMax(1)).forEach((label, index) => {
            labels.push(label);
            color(label).forEach((wanted, channel) => {
              assert(Math.abs(means[index]![channel]! - wanted) < 4, `${label}: ${means[index]}`);
            });
          });
        });
        tf.dispose([batch.images, batch.labels]);
      }
      return labels;
    };
    const training = imageSource(set).training({ batchSize: 1 });
    const trained = await seen(training, (label) => [40 * label, 10, 20]);
    assertEquals(trained.sort(), [0, 1, 2]);
    const evaluation = imageSource(set).evaluation({ batchSize: 2 });
    assertEquals(await seen(evaluation, (label) => [200, 40 * label, 0]), [0, 1]);
  }));

Deno.test("record pipelines: the first records of several files are the same in each epoch", () =>
  withoutLeaks(async () => {
    using folder = await copied();
    for (const file of [1, 2, 3]) {
      const name = TRAIN.replace("00000-of", `0000${file}-of`);
      await Deno.copyFile(join(GOLDEN, TEST), join(folder.path, name));
    }
    await Deno.writeTextFile(join(folder.path, "labels.txt"), "a\nb\nc\n");
    const set = await loadImageRecords(`records:${folder.path}`, { imageSize: 8, trainCount: 3 });
    for (let seed = 0; seed < 8; seed++) {
      const labels: number[] = [];
      for await (const batch of imageSource(set).training({ batchSize: 1 }).epoch(seed)) {
        labels.push(...tf.tidy(() => values(batch.labels.argMax(1))));
        tf.dispose([batch.images, batch.labels]);
      }
      assertEquals(labels.sort(), [0, 1, 2]);
    }
  }));

Deno.test("fromRecordFiles: files in their order, or in one of the epoch's seed", async () => {
  const paths = [join(GOLDEN, TRAIN), join(GOLDEN, TEST)];
  const lengths = async (seed: number, shuffleFiles: boolean) => {
    const found: number[] = [];
    const records = dataset.fromRecordFiles(paths, 5, { shuffleFiles });
    assertEquals(records.size, 5);
    for await (const record of records.epoch(seed)) {
      found.push((await record.bytes() as Uint8Array[])[0]!.length);
      record.dispose();
    }
    return found;
  };
  const inOrder = await lengths(0, false);
  assertEquals(inOrder.length, 5);
  assertEquals(await lengths(7, false), inOrder);
  const orders = new Set<string>();
  for (let seed = 0; seed < 8; seed++) orders.add((await lengths(seed, true)).join());
  assertEquals(orders.size, 2);
});

Deno.test("loadImageRecords: what cannot be meant is refused with its path", async () => {
  await assertRejects(() => loadImageRecords("records:/nothing"), DataError, "found no /nothing");
  using empty = temporaryFolder();
  await assertRejects(
    () => loadImageRecords(`records:${empty.path}`),
    DataError,
    "found no record files for train",
  );
  using folder = await copied();
  const load = (options = {}) => loadImageRecords(`records:${folder.path}`, options);
  await assertRejects(() => load({ trainCount: 4 }), RangeError, "from 1 to 3");
  await assertRejects(() => load({ imageSize: 1.5 }), RangeError, "size 1.5");
  const path = join(folder.path, TRAIN);
  const bytes = await Deno.readFile(path);
  await Deno.writeFile(path, bytes.subarray(0, bytes.length - 1));
  await assertRejects(load, DataError, "its record 2 at byte ");
  await Deno.writeFile(path, new TextEncoder().encode("not a file of records at all"));
  await assertRejects(load, DataError, "its record 0 at byte 0 goes beyond its end at 28");
  await Deno.writeFile(path, new Uint8Array());
  await assertRejects(load, DataError, "found no records for train");
  const other = bytes.slice();
  for (let at = 0; at < other.length; at++) if (other[at] === 0x6c) other[at] = 0x6b; // label: kabek
  await Deno.writeFile(path, other);
  await assertRejects(load, DataError, "its first example has no features");
});

Deno.test("loadImageRecords: an abort ends it between two files", async () => {
  using folder = await copied();
  const stop = new AbortController();
  setImmediate(() => stop.abort());
  const error = await assertRejects(
    () => loadImageRecords(`records:${folder.path}`, { signal: stop.signal }),
    DOMException,
  );
  assertEquals(error, stop.signal.reason);
});

Deno.test("train on records; a damaged record ends it with TensorFlow's message", () =>
  withoutLeaks(async () => {
    using folder = await copied();
    await Deno.writeTextFile(join(folder.path, "labels.txt"), "a\nb\nc\n");
    const config = {
      ...defaultConfig,
      dataset: `records:${folder.path}`,
      imageSize: 16,
      model: "wide_resnet_10_1",
      batchSize: 1,
      epochs: 1,
    };
    const run = (name: string, changes = {}) =>
      Array.fromAsync(train({ ...config, ...changes }, { folder: join(folder.path, name) }));
    assertEquals((await run("runs")).at(-1)!.type, "end");
    await assertRejects(() => run("noisy", { labelNoise: 0.2 }), Error, "wrong labels");
    await Deno.writeTextFile(join(folder.path, "labels.txt"), "a\nb\n");
    await assertRejects(() => run("labels"), Error, "2 is not in [0, 2)");
    await Deno.writeTextFile(join(folder.path, "labels.txt"), "a\nb\nc\n");
    const path = join(folder.path, TRAIN);
    const bytes = await Deno.readFile(path);
    bytes[100]! ^= 1;
    await Deno.writeFile(path, bytes);
    await assertRejects(() => run("damaged"), Error, "corrupted record");
  }));
