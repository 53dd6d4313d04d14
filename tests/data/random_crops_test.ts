import { assert, assertEquals } from "@std/assert";
import { centerCrop, coversAll, randomCrop } from "../../lib/data/pipeline/_crop_window.ts";
import { basic } from "../../lib/data/augment/basic.ts";
import { randomFlip } from "../../lib/data/augment/random_flip.ts";
import { dataset, random, tf } from "../../lib/tensorflow/mod.ts";
import { assertSameCounts, assertUniform } from "../_distribution.ts";
import { scoped, values, withoutLeaks } from "../_tensors.ts";

/** Counts of a hundred thousand crops, made by `goldens/random_crops.py` with TensorFlow 2.21. */
interface Golden {
  readonly shape: readonly [height: number, width: number];
  readonly area: number[];
  readonly aspect: number[];
  readonly row: number[];
  readonly column: number[];
  readonly joint: number[];
}

const goldens: readonly Golden[] = JSON.parse(
  Deno.readTextFileSync(new URL("../goldens/random_crops.json", import.meta.url)),
);
const DRAWS = 10_000;

/** Windows of crops from an image; in gray, so that none is replaced. */
async function windows(height: number, width: number): Promise<number[][]> {
  const found: number[][] = [];
  const source = dataset.fromArrays({
    index: { values: new Int32Array(DRAWS), shape: [DRAWS] },
  });
  const drawn = source.map((_, seed: random.Seed) =>
    randomCrop(tf.tensor1d([height, width, 1], "int32"), 224, seed)
  ).batch(1000);
  for await (const batch of drawn.epoch(1)) {
    found.push(...batch.arraySync() as number[][]);
    batch.dispose();
  }
  return found;
}

/** Counts in the bins of the golden's script. */
function binned(drawn: readonly number[][], [height, width]: Golden["shape"]) {
  const count = (bins: number, binOf: (window: readonly number[]) => number) => {
    const counts = new Array<number>(bins).fill(0);
    for (const window of drawn) counts[binOf(window)]!++;
    return counts;
  };
  const share = (bins: number, [, , h, w]: readonly number[]) =>
    Math.min(bins - 1, Math.floor(bins * h! * w! / (height * width)));
  const row = (bins: number, [y, , h]: readonly number[]) =>
    Math.floor(bins * (2 * y! + h!) / (2 * height));
  const column = (bins: number, [, x, , w]: readonly number[]) =>
    Math.floor(bins * (2 * x! + w!) / (2 * width));
  return {
    area: count(20, (window) => share(20, window)),
    aspect: count(
      20,
      ([, , h, w]) => Math.min(19, Math.max(0, Math.floor(100 * w! / (w! + h!)) - 40)),
    ),
    row: count(10, (window) => row(10, window)),
    column: count(10, (window) => column(10, window)),
    joint: count(64, (window) => (share(4, window) * 4 + row(4, window)) * 4 + column(4, window)),
  };
}

for (const golden of goldens) {
  const [height, width] = golden.shape;
  Deno.test(`random crops of ${height} × ${width}: as frequent as TensorFlow's by area, aspect, place`, () =>
    withoutLeaks(async () => {
      const drawn = await windows(height, width);
      assertEquals(drawn.length, DRAWS);
      for (const [y, x, h, w] of drawn as [number, number, number, number][]) {
        assert(y >= 0 && x >= 0 && h > 0 && w > 0 && y + h <= height && x + w <= width);
      }
      const found = binned(drawn, golden.shape);
      for (const name of ["area", "aspect", "row", "column", "joint"] as const) {
        assertSameCounts(found[name], golden[name], `${name} of ${height} × ${width}`);
      }
    }));
}

Deno.test(
  "random crops: one in colour that would be the whole image is the crop in the middle",
  scoped(() => {
    const covers = (sizes: number[], shape: number[]) =>
      values(coversAll(tf.tensor1d(sizes, "int32"), tf.tensor1d(shape, "int32")))[0] === 1;
    // As the reference compares height, width and channels of the crop and of the file.
    assertEquals(covers([20, 30], [20, 30, 3]), true);
    assertEquals(covers([20, 30], [20, 30, 1]), false);
    assertEquals(covers([20, 30], [20, 30, 4]), false);
    assertEquals(covers([20, 29], [20, 30, 3]), false);
    assertEquals(covers([19, 30], [20, 30, 3]), false);
    // No crop of this image has an allowed aspect and is large enough.
    for (let seed = 0; seed < 5; seed++) {
      const window = (channels: number) =>
        values(randomCrop(tf.tensor1d([8, 300, channels], "int32"), 224, random.seed(seed)));
      assertEquals(window(1), [0, 0, 8, 300]);
      assertEquals(window(3), [1, 147, 7, 7]);
      assertEquals(window(3), values(centerCrop(tf.tensor1d([8, 300, 3], "int32"), 224)));
    }
  }),
);

Deno.test(
  "basic: all 9 × 9 offsets and both flips are equally likely, in each place of a batch too",
  scoped(() => {
    const count = 16_200;
    const image = tf.range(0, 10 * 12, 1, "int32").reshape([1, 10, 12, 1]);
    const keys = (images: tf.Tensor) => images.unstack().map((one) => one.dataSync().toString());
    const found = keys(basic(image.tile([count, 1, 1, 1]), random.seed(3)));
    const counts = new Map<string, number>();
    for (const key of found) counts.set(key, (counts.get(key) ?? 0) + 1);
    assertEquals(counts.size, 162);
    assertUniform([...counts.values()], "offsets and flips");
    // Neighbours are drawn independently: pairs of the first two kinds' halves.
    const index = new Map([...counts.keys()].map((key, place) => [key, place % 2]));
    const pairs = [0, 0, 0, 0];
    for (let place = 0; place < count; place += 2) {
      pairs[2 * index.get(found[place]!)! + index.get(found[place + 1]!)!]!++;
    }
    assertUniform(pairs, "neighbours");
  }),
);

Deno.test(
  "randomFlip: each image as it is or mirrored, half of them, bytes and floats alike",
  scoped(() => {
    const count = 2000;
    const image = tf.range(0, 4 * 5 * 3, 1, "int32").reshape([1, 4, 5, 3]);
    const kinds = [image, tf.reverse(image, 2)].map((one) => one.dataSync().toString());
    for (const dtype of ["int32", "float32"] as const) {
      const made = randomFlip(image.tile([count, 1, 1, 1]).cast(dtype), random.seed(4));
      assertEquals([made.shape, made.dtype], [[count, 4, 5, 3], dtype]);
      const counts = [0, 0];
      for (const one of made.unstack()) {
        const kind = kinds.indexOf(one.dataSync().toString());
        assert(kind >= 0);
        counts[kind]!++;
      }
      assertUniform(counts, "flips");
    }
  }),
);
