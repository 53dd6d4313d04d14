import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  type ImageSet,
  loadDataset,
  withAsymmetricLabelNoise,
  withSymmetricLabelNoise,
} from "../../lib/data/mod.ts";

const count = 10_000;
const set: ImageSet = {
  images: new Uint8Array(count * 4),
  labels: Int32Array.from({ length: count }, (_, i) => i % 10),
  shape: [2, 2, 1],
};
const noisy = (rate: number, seed = 1, classes = 10) =>
  withSymmetricLabelNoise(set, { rate, classes, seed });
const changed = (labels: Int32Array) => labels.filter((label, i) => label !== set.labels[i]).length;

Deno.test("withSymmetricLabelNoise makes exactly the given share of labels wrong", () => {
  for (const rate of [0.2, 0.4, 0.8, 0.29, 1]) {
    const { labels, noisyIndices, cleanLabels, images, shape } = noisy(rate);
    assertEquals(changed(labels), Math.round(rate * count));
    assertEquals(noisyIndices.length, changed(labels));
    assert(noisyIndices.every((i) => labels[i] !== set.labels[i]));
    assert(noisyIndices.every((i, k) => k === 0 || i > noisyIndices[k - 1]!));
    assert(labels.every((label) => label >= 0 && label < 10));
    assertEquals([cleanLabels, shape], [set.labels, set.shape]);
    assert(images === set.images, "Images were copied");
  }
});

Deno.test("withSymmetricLabelNoise at rate 0 changes nothing", () => {
  const { labels, noisyIndices } = noisy(0);
  assertEquals([labels, noisyIndices.length], [set.labels, 0]);
  const one = { ...set, labels: new Int32Array(count) };
  const same = withSymmetricLabelNoise(one, { rate: 0, classes: 1, seed: 0 });
  assertEquals(same.labels, one.labels);
});

Deno.test("withSymmetricLabelNoise leaves the given set as it was", () => {
  const before = set.labels.slice();
  noisy(1);
  assertEquals(set.labels, before);
});

Deno.test("withSymmetricLabelNoise spreads wrong labels evenly over the other classes", () => {
  const { labels } = noisy(1);
  for (let from = 0; from < 10; from++) {
    const to = Array<number>(10).fill(0);
    labels.forEach((label, i) => set.labels[i] === from && to[label]!++);
    assertEquals(to[from], 0);
    // 1000 draws from 9: mean 111, deviation 10.
    assert(to.every((n, label) => label === from || Math.abs(n - 111) < 50), `${to}`);
  }
});

Deno.test("withSymmetricLabelNoise from all classes keeps about a tenth of the drawn labels", () => {
  const { labels, noisyIndices } = withSymmetricLabelNoise(set, {
    rate: 0.8,
    classes: 10,
    seed: 1,
    drawFrom: "all-classes",
  });
  assertEquals(noisyIndices.length, 8000);
  assert(Math.abs(changed(labels) - 7200) < 150);
  const one = { ...set, labels: new Int32Array(count) };
  const options = { rate: 1, classes: 1, seed: 0, drawFrom: "all-classes" } as const;
  assertEquals(withSymmetricLabelNoise(one, options).labels, one.labels);
});

Deno.test("withSymmetricLabelNoise depends on the seed alone", () => {
  assertEquals(noisy(0.4).labels, noisy(0.4).labels);
  assertNotEquals(noisy(0.4).labels, noisy(0.4, 2).labels);
});

Deno.test("withSymmetricLabelNoise at a lower rate is part of that at a higher one", () => {
  const [low, high] = [noisy(0.2), noisy(0.4)];
  assert(low.noisyIndices.every((i) => low.labels[i] === high.labels[i]));
});

Deno.test("withSymmetricLabelNoise refuses impossible options", () => {
  for (const rate of [-0.1, 1.1, NaN, Infinity]) {
    assertThrows(() => noisy(rate), RangeError, `at rate ${rate}`);
  }
  for (const classes of [0, 1, 2.5, NaN]) {
    assertThrows(() => noisy(0.4, 1, classes), RangeError, `with ${classes} classes`);
  }
  assertThrows(() => noisy(0.4, 1, 9), RangeError, "example 9 has label 9");
  assertThrows(() => noisy(0.4, -1), RangeError, "seed -1");
  assertThrows(() => noisy(0.4, 0.5), RangeError, "seed 0.5");
});

Deno.test("withSymmetricLabelNoise takes an empty set", () => {
  const empty = { images: new Uint8Array(0), labels: new Int32Array(0), shape: [2, 2, 1] as const };
  assertEquals(withSymmetricLabelNoise(empty, { rate: 1, classes: 2, seed: 0 }).labels.length, 0);
});

const CIFAR10 = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
];

Deno.test("withAsymmetricLabelNoise: the given share of each confused class, and no other", () => {
  for (const rate of [0.1, 0.4, 1]) {
    const noise = withAsymmetricLabelNoise(set, { rate, classes: CIFAR10, seed: 1 });
    const moved = new Map<string, number>();
    noise.labels.forEach((label, i) => {
      const before = set.labels[i]!;
      if (label === before) return;
      const key = `${CIFAR10[before]} → ${CIFAR10[label]}`;
      moved.set(key, (moved.get(key) ?? 0) + 1);
    });
    assertEquals(Object.fromEntries([...moved].sort()), {
      "bird → airplane": 1000 * rate,
      "cat → dog": 1000 * rate,
      "deer → horse": 1000 * rate,
      "dog → cat": 1000 * rate,
      "truck → automobile": 1000 * rate,
    });
    assertEquals(noise.noisyIndices.length, 5000 * rate);
    assert(noise.noisyIndices.every((i) => noise.labels[i] !== set.labels[i]));
    assertEquals(noise.cleanLabels, set.labels);
  }
});

Deno.test("withAsymmetricLabelNoise: Fashion-MNIST's classes are confused with their own", async () => {
  const { train, classes } = await loadDataset("fashion_mnist_small");
  const { labels } = withAsymmetricLabelNoise(train as ImageSet, { rate: 1, classes, seed: 1 });
  const moved = Array.from(labels, (label, i) => [(train as ImageSet).labels[i]!, label] as const)
    .filter(([before, label]) => before !== label)
    .map(([before, label]) => `${classes[before]} → ${classes[label]}`);
  assertEquals([...new Set(moved)].sort(), [
    "Ankle boot → Sneaker",
    "Coat → Dress",
    "Dress → Coat",
    "Pullover → Shirt",
    "Sneaker → Sandal",
  ]);
});

Deno.test("withAsymmetricLabelNoise: by the seed alone, a lower rate within a higher one", () => {
  const noise = (rate: number, seed: number) =>
    withAsymmetricLabelNoise(set, { rate, classes: CIFAR10, seed });
  assertEquals(noise(0.3, 1).labels, noise(0.3, 1).labels);
  assertNotEquals(noise(0.3, 1).labels, noise(0.3, 2).labels);
  const more = new Set(noise(0.5, 1).noisyIndices);
  assert(noise(0.2, 1).noisyIndices.every((example) => more.has(example)));
});

Deno.test("withAsymmetricLabelNoise: refuses classes of other sets, and wrong rates", () => {
  const noise = (rate: number, classes: string[]) => () =>
    withAsymmetricLabelNoise(set, { rate, classes, seed: 0 });
  assertThrows(noise(0.2, CIFAR10.map((name) => `a ${name}`)), RangeError, "classes of CIFAR-10");
  assertThrows(noise(1.1, CIFAR10), RangeError, "at rate 1.1");
});
