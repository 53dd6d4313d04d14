import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  type Augmentation,
  basic,
  type BatchAugmentation,
  type ImageClassification,
  type ImageSet,
  imageSource,
} from "../../lib/data/mod.ts";
import { type dataset, random, tf } from "../../lib/tensorflow/mod.ts";
import { fixture } from "../_fixtures.ts";
import { assertClose, values, withoutLeaks } from "../_tensors.ts";

/** Images [6, 6, 1] whose pixels all are the example's number, of class number modulo 3. */
function numbered(count: number): ImageSet {
  return {
    images: Uint8Array.from({ length: 36 * count }, (_, index) => Math.floor(index / 36)),
    labels: Int32Array.from({ length: count }, (_, index) => index % 3),
    shape: [6, 6, 1],
  };
}

function dataOf(train: ImageSet, test: ImageSet = train): ImageClassification {
  const classes = ["a", "b", "c"];
  return { name: "test", classes, train, test, mean: [0], standardDeviation: [1 / 255] };
}

type Batches = dataset.Dataset<{ readonly images: tf.Tensor; readonly labels: tf.Tensor }>;

interface Batch {
  readonly shape: number[];
  readonly images: number[];
  readonly labels: number[];
}

async function read(batches: Batches, seed?: number): Promise<Batch[]> {
  const found: Batch[] = [];
  for await (const { images, labels } of batches.epoch(seed)) {
    assertEquals([images.dtype, labels.dtype], ["float32", "float32"]);
    found.push({ shape: images.shape, images: values(images), labels: values(labels) });
    tf.dispose([images, labels]);
  }
  return found;
}

/** The numbers of the examples of a batch. */
const examples = ({ images }: Batch) => images.filter((_, i) => i % 36 === 0).map(Math.round);

function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test(`pipeline: ${name}`, () => withoutLeaks(fn));
}

for (const name of ["cifar10", "cifar100", "svhn", "fashion_mnist"]) {
  test(`normalises ${name} as the reference does`, async () => {
    const oracle = fixture("batch_augment");
    const [images, expected] = tf.tidy(() => {
      const wanted = oracle.array(`norm_${name}`);
      const channels = wanted.shape[3]!;
      const given = oracle.array("norm_images").slice([0, 0, 0, 0], [-1, -1, -1, channels]);
      return [Uint8Array.from(given.dataSync()), values(wanted)];
    });
    const [mean, deviation] = oracle.scalars.norms[name].map((nested: number[][][][]) =>
      nested.flat(3)
    );
    const channels: number = mean.length;
    const set: ImageSet = { images, labels: Int32Array.of(0, 1, 2), shape: [32, 32, channels] };
    const data = { ...dataOf(set), mean, standardDeviation: deviation };
    const [batch] = await read(imageSource(data).evaluation({ batchSize: 3 }));
    assertEquals(batch!.shape, [3, 32, 32, channels]);
    tf.tidy(() => assertClose(tf.tensor1d(batch!.images), expected, 1e-6));
  });
}

test("evaluation gives all examples in order, with one-hot labels", async () => {
  const batches = await read(imageSource(dataOf(numbered(8))).evaluation({ batchSize: 3 }));
  assertEquals(batches.map(examples), [[0, 1, 2], [3, 4, 5], [6, 7]]);
  assertEquals(batches[2], {
    shape: [2, 6, 6, 1],
    images: batches[2]!.images,
    labels: [1, 0, 0, 0, 1, 0],
  });
  const whole = await read(imageSource(dataOf(numbered(8))).evaluation({ batchSize: 99 }));
  assertEquals(whole.map(examples), [[0, 1, 2, 3, 4, 5, 6, 7]]);
});

test("training drops the remainder, a different one in each epoch", async () => {
  const batches = imageSource(dataOf(numbered(11))).training({ batchSize: 4 });
  assertEquals(batches.size, 2);
  const seen = new Set<number>();
  for (let seed = 0; seed < 8; seed++) {
    const epoch = await read(batches, seed);
    assertEquals(epoch.map(({ shape }) => shape), [[4, 6, 6, 1], [4, 6, 6, 1]]);
    const found = epoch.flatMap(examples);
    assertEquals(new Set(found).size, 8, "an example came twice");
    found.forEach((example) => seen.add(example));
  }
  assertEquals(seen.size, 11);
});

test("training keeps images and labels together", async () => {
  for (const batch of await read(imageSource(dataOf(numbered(12))).training({ batchSize: 4 }), 3)) {
    const labels = examples(batch).map((_, i) => batch.labels.slice(3 * i, 3 * i + 3).indexOf(1));
    assertEquals(labels, examples(batch).map((example) => example % 3));
  }
});

test("training gives the same batches for the same seed, and where it is resumed", async () => {
  const set: ImageSet = {
    ...numbered(20),
    images: Uint8Array.from({ length: 720 }, (_, i) => (i * 37) % 256),
  };
  const make = () => imageSource(dataOf(set)).training({ batchSize: 4, augmentation: basic });
  const first = await read(make(), 7);
  assertEquals(await read(make(), 7), first);
  assertEquals(await read(make().skip(2), 7), first.slice(2));
  const other = await read(make(), 8);
  assertNotEquals(other, first);
  const plain = await read(imageSource(dataOf(set)).training({ batchSize: 4 }), 7);
  assertEquals(plain.map(({ labels }) => labels), first.map(({ labels }) => labels), "the order");
  assertNotEquals(plain, first);
});

test("each batch has random numbers of its own", async () => {
  const noise: Augmentation = (images, seed) =>
    tf.zerosLike(images).add(random.integers(seed, [images.shape[0]!, 1, 1, 1], 0, 2 ** 20));
  const batches = await read(
    imageSource(dataOf(numbered(32))).training({ batchSize: 8, augmentation: noise }),
    1,
  );
  assert(new Set(batches.flatMap(examples)).size > 30);
});

test("an augmentation that changes the shape is refused with both shapes", () => {
  const make = (augmentation: Augmentation) => () =>
    imageSource(dataOf(numbered(8))).training({ batchSize: 4, augmentation });
  function shrink(images: tf.Tensor): tf.Tensor {
    return images.slice([0, 1, 1, 0], [4, 2, 2, 1]);
  }
  const tiny: ImageSet = { ...numbered(1), images: new Uint8Array(20), shape: [5, 4, 1] };
  assertThrows(
    () => imageSource(dataOf(tiny)).training({ batchSize: 1, augmentation: basic }),
    RangeError,
    "Cannot pad images of shape [1,5,4,1] by 4 mirrored pixels",
  );
  assertThrows(make(shrink), Error, "images of shape [4,6,6,1] by shrink: it makes them [4,2,2,1]");
  assertThrows(make((images) => images.expandDims(0)), Error, "it makes them [1,4,6,6,1]");
  assertThrows(make((images) => images.sum([1, 2])), Error, "it makes them [4,1]");
  assertThrows(
    make((image) => image.add(tf.randomUniform([]))),
    Error,
    "Use `random`, with a seed that is an argument",
  );
});

test("an augmentation of batches gets images after they are normalised, and distributions", async () => {
  const set = { ...dataOf(numbered(8)), mean: [0.5], standardDeviation: [0.25] };
  const [plain] = await read(imageSource(set).training({ batchSize: 8 }), 1);
  const batchAugmentation: BatchAugmentation = ({ images, labels }) => ({
    images: tf.add(images, 1),
    labels: tf.mul(labels, 0.5),
  });
  const [changed] = await read(imageSource(set).training({ batchSize: 8, batchAugmentation }), 1);
  assertEquals(changed!.labels, plain!.labels.map((share) => share / 2));
  for (const [at, pixel] of changed!.images.entries()) {
    assert(Math.abs(pixel - plain!.images[at]! - 1) < 1e-6);
  }
});
