import { join } from "node:path";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { centerCrop } from "../../lib/data/pipeline/_crop_window.ts";
import { decodeCenterCrop, decodeRandomCrop, readFile } from "../../lib/data/pipeline/_decode.ts";
import {
  DataError,
  findUndecodable,
  type ImageSource,
  imageSource,
  loadDataset,
  loadImageFiles,
  type TrainingBatchOptions,
} from "../../lib/data/mod.ts";
import { dataset, image, random, tf } from "../../lib/tensorflow/mod.ts";
import { defaultConfig, train, type TrainEvent } from "../../lib/train/mod.ts";
import { testData } from "../_data_dir.ts";
import { fixtureJson } from "../_fixtures.ts";
import { testUnless } from "../_skip.ts";
import { assertClose, scoped, values, withoutLeaks } from "../_tensors.ts";
import { temporaryFolder } from "./_files.ts";

const tiny = testData("tiny_imagenet_2");
const sample = testData("imagenet_sample");

Deno.test({
  name: "centerCrop: the reference's windows, all of them",
  fn: scoped(() => {
    const { rows } = fixtureJson("imagenet_center_crop.json");
    for (const [size, height, width, y, x, side] of rows) {
      const found = centerCrop(tf.tensor1d([height, width, 3], "int32"), size);
      assertEquals(values(found), [y, x, side, side]);
    }
  }),
});

testUnless(
  tiny.missing ?? sample.missing,
  "loadImageFiles: real folders of photographs",
  async () => {
    const set = await loadImageFiles("folder:tiny_imagenet_2", { dataDir: tiny.dataDir });
    assertEquals(set.classes, ["n01443537", "n01629819"]);
    assertEquals([set.train.paths.length, set.test.paths.length], [1000, 100]);
    assertEquals([set.train.allJpeg, set.train.shape], [true, [224, 224, 3]]);
    const firstOnes = new Set(set.train.labels.subarray(0, 20));
    assertEquals(firstOnes.size, 2);
    const flat = await loadImageFiles("folder:imagenet_sample", { dataDir: sample.dataDir });
    assertEquals([flat.classes.length, flat.train.paths.length, flat.test.paths.length], [
      25,
      22,
      3,
    ]);
  },
);

Deno.test("loadImageFiles: folders of classes in train and val, in an order that mixes them", async () => {
  using folder = temporaryFolder();
  const bytes = await jpeg([100, 0, 0]);
  for (let index = 0; index < 20; index++) {
    for (const name of ["cats", "dogs"]) {
      await put(folder.path, `animals/train/${name}/${index}.jpg`, bytes);
      if (index < 3) await put(folder.path, `animals/val/${name}/${index}.jpg`, bytes);
    }
  }
  const options = { dataDir: folder.path };
  const set = await loadImageFiles("folder:animals", options);
  assertEquals(set.classes, ["cats", "dogs"]);
  assertEquals([set.train.paths.length, set.test.paths.length], [40, 6]);
  assertEquals([set.train.allJpeg, set.train.shape], [true, [224, 224, 3]]);
  for (const [index, path] of set.train.paths.entries()) {
    assert(path.includes(`/train/${set.classes[set.train.labels[index]!]}/`), path);
  }
  const firstOnes = new Set(set.train.labels.subarray(0, 10));
  assertEquals(firstOnes.size, 2);
  const some = await loadImageFiles(`folder:${join(folder.path, "animals")}`, {
    trainCount: 15,
    imageSize: 32,
  });
  assertEquals(some.train.paths, set.train.paths.slice(0, 15));
  assertEquals(some.train.shape, [32, 32, 3]);
  const validation = await loadImageFiles("folder:animals", { ...options, validation: true });
  assertEquals(validation.train.paths, set.train.paths.slice(0, 36));
  assertEquals(validation.test.paths, set.train.paths.slice(36));
  const flat = await loadImageFiles("folder:animals/train", options);
  assertEquals([flat.classes, flat.train.paths.length, flat.test.paths.length], [
    ["cats", "dogs"],
    36,
    4,
  ]);
});

/** An image of one colour, 40 × 60, in a folder of its class. */
async function put(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(join(folder, name, ".."), { recursive: true });
  await Deno.writeFile(join(folder, name), bytes);
}

async function jpeg(color: readonly number[], format: "rgb" | "grayscale" = "rgb") {
  const pixels = tf.tidy(() =>
    tf.tile(tf.tensor3d([[[...color]]], [1, 1, color.length], "int32"), [40, 60, 1])
  ) as tf.Tensor3D;
  const bytes = await image.encodeJpeg(pixels, format);
  pixels.dispose();
  return bytes;
}

/** Black and white stripes, of which a bicubic leaves 0..255. */
async function striped() {
  const pixels = tf.tidy(() => {
    const isWhite = tf.range(0, 60, 1, "int32").mod(tf.scalar(12, "int32")).less(6);
    return tf.tile(isWhite.toInt().mul(tf.scalar(255, "int32")).reshape([1, 60, 1]), [40, 1, 3]);
  }) as tf.Tensor3D;
  const bytes = await image.encodeJpeg(pixels);
  pixels.dispose();
  return bytes;
}

/** Brighter from left to right. */
async function rising() {
  const pixels = tf.tidy(() =>
    tf.tile(tf.range(0, 240, 4, "int32").reshape([1, 60, 1]), [40, 1, 3])
  ) as tf.Tensor3D;
  const bytes = await image.encodeJpeg(pixels);
  pixels.dispose();
  return bytes;
}

async function png(color: readonly number[]) {
  const pixels = tf.tidy(() =>
    tf.tile(tf.tensor3d([[[...color]]], [1, 1, 3], "int32"), [40, 60, 1])
  ) as tf.Tensor3D;
  const bytes = await image.encodePng(pixels);
  pixels.dispose();
  return bytes;
}

Deno.test("file pipelines: colour, grayscale and PNG, with their labels", () =>
  withoutLeaks(async () => {
    using folder = temporaryFolder();
    for (let index = 0; index < 4; index++) {
      await put(folder.path, `train/gray/${index}.jpg`, await jpeg([100], "grayscale"));
      await put(folder.path, `train/red/${index}.JPEG`, await jpeg([200, 0, 0]));
    }
    await put(folder.path, "train/red/deep/5.jpeg", await jpeg([200, 0, 0]));
    await put(folder.path, "val/gray/1.png", await png([100, 100, 100]));
    await put(folder.path, "val/red/1.jpg", await jpeg([200, 0, 0]));
    const set = await loadImageFiles(`folder:${folder.path}`, { imageSize: 16 });
    assertEquals([set.train.paths.length, set.train.allJpeg, set.test.allJpeg], [9, true, false]);
    const check = async (batches: ReturnType<ImageSource["evaluation"]>) => {
      for await (const { images, labels } of batches.epoch(3)) {
        tf.tidy(() => {
          assertEquals(images.shape.slice(1), [16, 16, 3]);
          const bytes = images.mul([...set.standardDeviation]).add([...set.mean]).mul(255);
          const means = bytes.mean([1, 2]).arraySync() as number[][];
          (labels.argMax(1).arraySync() as number[]).forEach((label, index) => {
            const wanted = label === 0 ? [100, 100, 100] : [200, 0, 0];
            means[index]!.forEach((mean, channel) => {
              assert(Math.abs(mean - wanted[channel]!) < 3, `${label}: ${means[index]}`);
            });
          });
        });
        tf.dispose([images, labels]);
      }
    };
    for (const randomCrops of [true, false]) {
      const pipeline = imageSource(set).training({ batchSize: 3, randomCrops });
      assertEquals(pipeline.size, 3);
      await check(pipeline);
    }
    await check(imageSource(set).evaluation({ batchSize: 2 }));
  }));

Deno.test("file pipelines: an augmentation gets the bytes of crops, and flips come after it", () =>
  withoutLeaks(async () => {
    using folder = temporaryFolder();
    const photo = await striped();
    for (let index = 0; index < 40; index++) {
      for (
        const path of [`train/a/${index}.jpg`, `train/b/${index}.jpg`, "val/a/1.jpg", "val/b/1.jpg"]
      ) {
        await put(folder.path, path, photo);
      }
    }
    const set = await loadImageFiles(`folder:${folder.path}`, { imageSize: 16 });
    const plain = { ...set, mean: [0, 0, 0], standardDeviation: [1 / 255, 1 / 255, 1 / 255] };
    const read = async (options: Partial<TrainingBatchOptions>) => {
      const found: tf.Tensor[] = [];
      const pipeline = imageSource(plain).training({ batchSize: 80, ...options });
      for await (const { images, labels } of pipeline.epoch(3)) {
        found.push(...images.unstack());
        tf.dispose([images, labels]);
      }
      assertEquals(found.length, 80);
      return found;
    };
    // Bytes are what the cast to uint8 makes of a bicubic that does not overshoot.
    const [exact, bytes] = [
      await read({ randomCrops: false }),
      await read({ randomCrops: false, augmentation: (images) => images.clone() }),
    ].map((images) => {
      const kinds = new Set(images.map((image) => values(image).join()));
      assertEquals(kinds.size, 1);
      const [first] = images.map((image) => values(image));
      tf.dispose(images);
      return first!;
    });
    assert(exact!.some((pixel) => pixel < 0 || pixel > 255));
    assertEquals(bytes, exact!.map((pixel) => Math.trunc(Math.min(255, Math.max(0, pixel))) + 0));
    // A red mark on the left edge is on either edge after a flip.
    const mark = (images: tf.Tensor) => {
      const red = tf.tile(tf.tensor1d([255, 0, 0], "int32").reshape([1, 1, 1, 3]), [80, 16, 1, 1]);
      return tf.concat([red, images.slice([0, 0, 1, 0])], 2);
    };
    const marks = (images: readonly tf.Tensor[]) =>
      [0, 15].map((column) =>
        images.filter((image) =>
          tf.tidy(() => {
            const [red, green] = image.unstack(2) as [tf.Tensor, tf.Tensor];
            const edge = red.sub(green).slice([0, column], [-1, 1]);
            return values(edge).every((pixel) => pixel === 255);
          })
        ).length
      ) as [number, number];
    const marked = await read({ augmentation: mark });
    const [left, right] = marks(marked);
    assertEquals(left + right, 80);
    assert(left > 20 && right > 20, `${left} left, ${right} right`);
    const unflipped = await read({ augmentation: mark, randomCrops: false });
    assertEquals(marks(unflipped), [80, 0]);
    tf.dispose([...marked, ...unflipped]);
  }));

Deno.test("file pipelines: half of the crops are flipped, none before its augmentation", () =>
  withoutLeaks(async () => {
    using folder = temporaryFolder();
    const photo = await rising();
    for (let index = 0; index < 40; index++) {
      for (
        const path of [`train/a/${index}.jpg`, `train/b/${index}.jpg`, "val/a/1.jpg", "val/b/1.jpg"]
      ) {
        await put(folder.path, path, photo);
      }
    }
    const set = await loadImageFiles(`folder:${folder.path}`, { imageSize: 16 });
    const falling = (images: tf.Tensor) => {
      const [left, right] = tf.split(images.toFloat(), 2, 2);
      return tf.greater(left!.mean([1, 2, 3]), right!.mean([1, 2, 3])).toInt();
    };
    const flipped = async (augmentation?: (images: tf.Tensor) => tf.Tensor) => {
      const options = augmentation === undefined ? {} : { augmentation };
      let count = 0;
      for await (const batch of imageSource(set).training({ batchSize: 80, ...options }).epoch(3)) {
        count += tf.tidy(() => values(falling(batch.images).sum())[0]!);
        tf.dispose([batch.images, batch.labels]);
      }
      return count;
    };
    for (const augmentation of [undefined, (images: tf.Tensor) => images.clone()]) {
      const count = await flipped(augmentation);
      assert(count > 20 && count < 60, `${count} of 80 are flipped`);
    }
    // All of one value, unless it gets a flipped crop.
    const before = await flipped((images) => {
      const isFalling = falling(images).reshape([-1, 1, 1, 1]);
      return images.mul(tf.scalar(0, "int32")).add(
        isFalling.mul(tf.range(0, 16, 1, "int32").reshape([1, 1, 16, 1])),
      );
    });
    assertEquals(before, 0);
  }));

Deno.test("file pipelines: whether a crop is flipped does not depend on its window", () =>
  withoutLeaks(async () => {
    using folder = temporaryFolder();
    const photo = await rising();
    for (let index = 0; index < 200; index++) {
      for (const name of ["a", "b"]) await put(folder.path, `train/${name}/${index}.jpg`, photo);
    }
    for (const name of ["a", "b"]) await put(folder.path, `val/${name}/1.jpg`, photo);
    const set = await loadImageFiles(`folder:${folder.path}`, { imageSize: 8 });
    const slopes: number[] = [];
    for await (const { images, labels } of imageSource(set).training({ batchSize: 400 }).epoch(3)) {
      const [first, last] = [0, 7].map((column) =>
        tf.tidy(() => values(images.slice([0, 0, column, 0], [-1, -1, 1, -1]).mean([1, 2, 3])))
      );
      slopes.push(...last!.map((bright, index) => bright - first![index]!));
      tf.dispose([images, labels]);
    }
    // Crops of a larger share of the image rise, or fall, by more.
    const mean = (sign: number) => {
      const own = slopes.map((slope) => sign * slope).filter((slope) => slope > 0);
      return own.reduce((sum, slope) => sum + slope, 0) / own.length;
    };
    assertEquals(slopes.length, 400);
    assert(Math.abs(mean(1) / mean(-1) - 1) < 0.12, `${mean(1)} and ${mean(-1)}`);
  }));

Deno.test("file pipelines: shuffled anew in each epoch", () =>
  withoutLeaks(async () => {
    using folder = temporaryFolder();
    for (let index = 0; index < 8; index++) {
      for (const split of ["train", "val"]) {
        await put(folder.path, `${split}/${index}/1.jpg`, await jpeg([30 * index, 0, 0]));
      }
    }
    const set = await loadImageFiles(`folder:${folder.path}`, { imageSize: 8 });
    const order = async (seed: number) => {
      const labels: number[] = [];
      for await (const batch of imageSource(set).training({ batchSize: 4 }).epoch(seed)) {
        labels.push(...tf.tidy(() => values(batch.labels.argMax(1))));
        tf.dispose([batch.images, batch.labels]);
      }
      return labels;
    };
    const [first, second] = [await order(1), await order(2)];
    assertEquals(first.toSorted(), [0, 1, 2, 3, 4, 5, 6, 7]);
    assertEquals(second.toSorted(), first.toSorted());
    assertNotEquals(second, first);
  }));

Deno.test("file pipelines: CMYK becomes RGB", () =>
  withoutLeaks(async () => {
    using folder = temporaryFolder();
    const cmyk = await Deno.readFile(new URL("../goldens/cmyk.jpg", import.meta.url));
    for (const split of ["train", "val"]) {
      await put(folder.path, `${split}/red/1.jpg`, cmyk);
      await put(folder.path, `${split}/red too/1.jpg`, cmyk);
    }
    const set = await loadImageFiles(`folder:${folder.path}`, { imageSize: 16 });
    for await (const { images, labels } of imageSource(set).evaluation({ batchSize: 1 }).epoch()) {
      tf.tidy(() => {
        const bytes = images.mul([...set.standardDeviation]).add([...set.mean]).mul(255);
        assertClose(bytes.mean([0, 1, 2]), [235, 51, 51], 0.03);
      });
      tf.dispose([images, labels]);
    }
  }));

Deno.test("decoding: a part as of the whole image, and random crops are drawn anew", async () => {
  using folder = temporaryFolder();
  const shades = tf.tidy(() => {
    const [y, x] = [tf.linspace(0, 6, 90).reshape([90, 1]), tf.linspace(0, 9, 120)];
    const channels = [x.add(y).sin(), x.sub(y).cos(), x.mul(y).div(9).sin()];
    return tf.stack(channels, 2).mul(100).add(128).toInt() as tf.Tensor3D;
  });
  const path = join(folder.path, "shades.jpg");
  await Deno.writeFile(path, await image.encodeJpeg(shades));
  shades.dispose();
  await checkCrops(path);
});

/** Throws unless crops of a JPEG are parts of the whole image, and random ones differ. */
async function checkCrops(path: string): Promise<void> {
  const source = dataset.fromArrays({ path: { values: [path, path], shape: [2] } });
  const decoded = source.map(({ path }, seed: random.Seed) => ({
    center: decodeCenterCrop(readFile(path), { size: 32, allJpeg: true }),
    slow: decodeCenterCrop(readFile(path), { size: 32, allJpeg: false }),
    crop: decodeRandomCrop(readFile(path), seed, { size: 32, allJpeg: true }),
  }));
  const crops: string[] = [];
  for await (const { center, slow, crop } of decoded.epoch(1)) {
    tf.tidy(() => {
      const difference = values(center.sub(slow).abs().max())[0]!;
      // Colours at the edge of a part are interpolated without their neighbours.
      assert(difference <= 1, `the crops differ by ${difference}`);
      assertEquals(crop.shape, [32, 32, 3]);
      crops.push(values(crop).join());
    });
    tf.dispose([center, slow, crop]);
  }
  assertEquals(new Set(crops).size, 2);
}

Deno.test("files: an augmentation tells by its name whether crops are drawn", () =>
  withoutLeaks(async () => {
    using folder = temporaryFolder();
    const photo = await striped();
    for (const path of ["train/a/1.jpg", "train/b/1.jpg", "val/a/1.jpg", "val/b/1.jpg"]) {
      await put(folder.path, path, photo);
    }
    const source = await loadDataset(`folder:${folder.path}`, { imageSize: 8 });
    const first = async (options: Omit<TrainingBatchOptions, "batchSize">) => {
      for await (const batch of source.training({ batchSize: 2, ...options }).epoch(1)) {
        const found = values(batch.images);
        tf.dispose([batch.images, batch.labels]);
        return found;
      }
    };
    const [drawn, middle] = [await first({}), await first({ randomCrops: false })];
    assertNotEquals(drawn, middle);
    assertEquals(await first({ augmentation: "none" }), drawn);
    assertEquals(await first({ augmentation: "center_crop" }), middle);
  }));

Deno.test("loadImageFiles: what cannot be meant is refused with its path", async () => {
  using folder = temporaryFolder();
  const load = (options = {}) => loadImageFiles(`folder:${folder.path}`, options);
  await assertRejects(() => loadImageFiles("folder:/nothing"), DataError, "found no /nothing");
  await assertRejects(load, DataError, "found no folders of classes");
  await Deno.mkdir(join(folder.path, "empty"));
  await assertRejects(load, DataError, `${join(folder.path, "empty")}: found no images`);
  await put(folder.path, "empty/fake.jpg", new TextEncoder().encode("GIF89a no"));
  await assertRejects(load, DataError, "fake.jpg: it is neither JPEG nor PNG");
  await Deno.remove(join(folder.path, "empty", "fake.jpg"));
  await put(folder.path, "empty/only.jpg", await jpeg([1, 2, 3]));
  await assertRejects(load, DataError, "found images of 1 class, expected 2 or more");
  await Deno.remove(join(folder.path, "empty", "only.jpg"));
  await put(folder.path, "empty/fake.jpg", new TextEncoder().encode("GIF89a no"));
  await put(folder.path, "other/real.jpg", await jpeg([1, 2, 3]));
  await put(folder.path, "empty/real.jpg", await jpeg([1, 2, 3]));
  await put(folder.path, "empty/real2.jpg", await jpeg([1, 2, 3]));
  const whole = await jpeg([1, 2, 3]);
  await put(folder.path, "empty/half.jpg", whole.subarray(0, whole.length / 2));
  const skipped: string[] = [];
  const onCorrupt = (path: string) => skipped.push(path);
  const set = await load({ corruptImages: "skip", onCorrupt });
  assertEquals(skipped, ["fake.jpg", "half.jpg"].map((name) => join(folder.path, "empty", name)));
  assertEquals([set.train.paths.length, set.test.paths.length], [2, 1]);
  await assertRejects(() => load({ imageSize: 0 }), RangeError, "size 0");
  await assertRejects(
    () => load({ corruptImages: "skip", trainCount: 5 }),
    RangeError,
    "Cannot take 5 examples",
  );
});

Deno.test("loadImageFiles: an abort ends it at once, also of many files", async () => {
  using folder = temporaryFolder();
  const first = join(folder.path, "first.png");
  await Deno.writeFile(first, await png([1, 2, 3]));
  for (const name of ["a", "b"]) {
    const path = join(folder.path, "set", name);
    await Deno.mkdir(path, { recursive: true });
    for (let n = 0; n < 500; n++) Deno.linkSync(first, join(path, `${n}.png`));
  }
  for (const corruptImages of ["error", "skip"] as const) {
    const stop = new AbortController();
    const { open } = Deno;
    let opened = 0;
    Deno.open = (path, options) => {
      if (++opened === 20) stop.abort();
      return open(path, options);
    };
    try {
      const error = await assertRejects(
        () => loadImageFiles(`folder:${folder.path}/set`, { signal: stop.signal, corruptImages }),
        DOMException,
      );
      assertEquals([opened, error], [20, stop.signal.reason]);
    } finally {
      Deno.open = open;
    }
  }
});

Deno.test("train: a file that is damaged inside is named, and nothing is left behind", () =>
  withoutLeaks(async () => {
    using folder = temporaryFolder();
    for (let index = 0; index < 10; index++) {
      for (const name of ["a", "b"]) {
        await put(folder.path, `data/train/${name}/${index}.jpg`, await jpeg([9 * index, 0, 0]));
        await put(folder.path, `data/val/${name}/${index}.jpg`, await jpeg([9 * index, 0, 0]));
      }
    }
    const whole = await jpeg([5, 5, 5]);
    const damaged = join(folder.path, "data/train/b/3.jpg");
    await Deno.writeFile(damaged, whole.subarray(0, 300));
    const config = {
      ...defaultConfig,
      dataset: `folder:${join(folder.path, "data")}`,
      imageSize: 16,
      model: "wide_resnet_10_1",
      batchSize: 5,
      epochs: 1,
    };
    const run = (outputDir: string) =>
      Array.fromAsync<TrainEvent>(train(config, { folder: join(folder.path, outputDir) }));
    await assertRejects(() => run("runs"), DataError, `Cannot decode ${damaged}`);
    await Deno.writeFile(damaged, whole);
    assertEquals((await run("more")).at(-1)!.type, "end");
    assertEquals(await findUndecodable([damaged]), undefined);
  }));
