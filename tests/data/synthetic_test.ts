import { createHash } from "node:crypto";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { loadSynthetic, type SyntheticOptions } from "../../lib/data/mod.ts";
import { pause, within } from "../_wait.ts";

const small = { trainCount: 200, testCount: 100 };
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

Deno.test("synthetic gives the declared shapes", async () => {
  for (const size of [28, 32] as const) {
    for (const channels of [1, 3] as const) {
      const set = await loadSynthetic({ ...small, size, channels });
      assertEquals(set.classes.length, 10);
      assertEquals(set.train.shape, [size, size, channels]);
      assertEquals(set.train.images.length, 200 * size * size * channels);
      assertEquals(set.test.images.length, 100 * size * size * channels);
      assertEquals([set.train.labels.length, set.test.labels.length], [200, 100]);
      assertEquals([set.mean.length, set.standardDeviation.length], [channels, channels]);
    }
  }
});

Deno.test("synthetic's validation images are others than those of its test", async () => {
  const [tested, validated] = [
    await loadSynthetic(small),
    await loadSynthetic({ ...small, validation: true }),
  ];
  assertEquals(validated.train, tested.train);
  const size = 28 * 28;
  const images = ({ images }: { images: Uint8Array }) =>
    Array.from({ length: 100 }, (_, i) => sha256(images.subarray(i * size, (i + 1) * size)));
  const seen = new Set([...images(tested.test), ...images(tested.train)]);
  assertEquals(images(validated.test).filter((image) => seen.has(image)), []);
});

// If these change, every published number of the set does: change them knowingly.
Deno.test("synthetic is the same bytes on every machine", async () => {
  const grey = await loadSynthetic(small);
  assertEquals(
    sha256(grey.train.images),
    "b878515bc5019031b87fa5b33e18fcda1f32120683e35fd9f72874de3d8ac67f",
  );
  assertEquals([...grey.train.labels.subarray(0, 10)], [7, 8, 0, 9, 3, 5, 2, 6, 1, 4]);
  const colour = await loadSynthetic({ ...small, size: 32, channels: 3 });
  assertEquals(
    sha256(colour.train.images),
    "6f4d16b8b883693979ab0b0cc0c7798e9696d2b3b1857d941219f2deae0ec847",
  );
});

Deno.test("synthetic depends on the seed; train and test differ", async () => {
  const a = await loadSynthetic(small);
  assertEquals(await loadSynthetic({ ...small, seed: 0 }), a);
  const b = await loadSynthetic({ ...small, seed: 1 });
  assertNotEquals(b.train.images, a.train.images);
  assertNotEquals(b.train.labels, a.train.labels);
  assertNotEquals(a.train.images.subarray(0, a.test.images.length), a.test.images);
});

Deno.test("synthetic with fewer examples is the beginning of one with more", async () => {
  const more = (await loadSynthetic(small)).train;
  const fewer = (await loadSynthetic({ ...small, trainCount: 37 })).train;
  assertEquals(fewer.images, more.images.subarray(0, fewer.images.length));
  assertEquals(fewer.labels, more.labels.subarray(0, 37));
});

Deno.test("synthetic balances its classes in every run of ten", async () => {
  const { labels } = (await loadSynthetic(small)).train;
  for (let i = 0; i < 200; i += 10) {
    assertEquals(new Set(labels.subarray(i, i + 10)).size, 10);
  }
});

Deno.test("synthetic repeats no image", async () => {
  const { train, test } = await loadSynthetic(small);
  const hashes = [train, test].flatMap(({ images }) =>
    Array.from(
      { length: images.length / 784 },
      (_, i) => sha256(images.subarray(i * 784, i * 784 + 784)),
    )
  );
  assertEquals(new Set(hashes).size, 300);
});

Deno.test("synthetic states its mean and standard deviation", async () => {
  for (const [size, channels, seed] of [[28, 1, 0], [28, 1, 5], [32, 3, 0]] as const) {
    const set = await loadSynthetic({ size, channels, seed, trainCount: 2000, testCount: 1 });
    const { images } = set.train;
    for (let c = 0; c < channels; c++) {
      let [total, squares] = [0, 0];
      for (let k = c; k < images.length; k += channels) {
        total += images[k]! / 255;
        squares += (images[k]! / 255) ** 2;
      }
      const n = images.length / channels;
      const mean = total / n;
      assertAlmostEquals(mean, set.mean[c]!, 0.02);
      assertAlmostEquals(Math.sqrt(squares / n - mean * mean), set.standardDeviation[c]!, 0.01);
    }
  }
});

/** No shortcut: what needs no shape must not tell the class. */
Deno.test("synthetic classes cannot be told by brightness", async () => {
  const { images, labels } = (await loadSynthetic({ trainCount: 4000, testCount: 1 })).train;
  const means = Array<number>(10).fill(0);
  labels.forEach((label, i) => {
    const image = images.subarray(i * 784, i * 784 + 784);
    means[label]! += image.reduce((a, b) => a + b, 0) / 784 / 400;
  });
  // Of 400 images each, whose own means deviate by about 45 levels.
  assert(Math.max(...means) - Math.min(...means) < 15, `${means}`);
});

Deno.test("synthetic refuses impossible options", async () => {
  const refuses = async (options: unknown, part: string) =>
    await assertRejects(() => loadSynthetic(options as SyntheticOptions), RangeError, part);
  await refuses({ size: 30 }, "size 30: it must be one of 16, 28, 32");
  await refuses({ channels: 2 }, "channels 2: it must be one of 1, 3");
  await refuses({ seed: 2 ** 32 }, "seed 4294967296");
  for (const count of [0, -1, 1.5, NaN, 2 ** 40]) {
    await refuses({ trainCount: count }, `trainCount ${count}`);
    await refuses({ testCount: count }, `testCount ${count}`);
  }
});

Deno.test("an abort ends the painting of a million images", async () => {
  const stop = new AbortController();
  const painting = loadSynthetic({ trainCount: 2 ** 20, testCount: 1, signal: stop.signal });
  await pause(100);
  stop.abort(new Error("enough"));
  // A tenth of a second on an idle machine; all of it takes minutes.
  await assertRejects(() => within(painting, "the end of the painting", 15_000), Error, "enough");
});
