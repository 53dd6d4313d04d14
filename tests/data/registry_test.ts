import { join } from "node:path";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  DataError,
  datasetNames,
  imageSource,
  loadDataset,
  OptionError,
  registerDataset,
  take,
} from "../../lib/data/mod.ts";
import { temporaryFolder } from "./_files.ts";

const goldens = new URL("../goldens", import.meta.url).pathname;

Deno.test("datasetNames lists what there is", () => {
  assertEquals(datasetNames.slice(0, 12), [
    "cifar10",
    "cifar100",
    "fashion_mnist",
    "fashion_mnist_small",
    "svhn",
    "svhn_core",
    "synthetic",
    "synthetic_16",
    "synthetic_32",
    "imagenet",
    "folder:PATH",
    "records:PATH",
  ]);
});

Deno.test("loadDataset loads by name", async () => {
  const options = { trainCount: 20, testCount: 10 };
  const grey = await loadDataset("synthetic", options);
  assertEquals([grey.name, grey.train.shape, grey.train.labels.length], [
    "synthetic",
    [28, 28, 1],
    20,
  ]);
  assertEquals([grey.trainExamples, grey.testExamples], [20, 10]);
  const colour = await loadDataset("synthetic_32", { ...options, seed: 3 });
  assertEquals([colour.name, colour.test.shape], ["synthetic_32", [32, 32, 3]]);
  const small = await loadDataset("synthetic_32", { ...options, imageSize: 24 });
  assertEquals([small.train.shape, small.shape], [[32, 32, 3], [24, 24, 3]]);
});

Deno.test("loadDataset loads folders, ImageNet's too, and records", async () => {
  using folder = temporaryFolder();
  for (const name of ["colour", "tall"]) {
    for (const split of ["train", "val"]) {
      await Deno.mkdir(join(folder.path, "imagenet", split, name), { recursive: true });
      await Deno.copyFile(
        join(goldens, "photographs", `${name}.jpg`),
        join(folder.path, "imagenet", split, name, "one.jpg"),
      );
    }
  }
  const options = { dataDir: folder.path, imageSize: 8 };
  for (const name of ["imagenet", "folder:imagenet", `folder:${folder.path}/imagenet`]) {
    const { train, shape, testExamples, ...source } = await loadDataset(name, options);
    assertEquals([source.name, source.classes, train.shape], [name, ["colour", "tall"], [8, 8, 3]]);
    assertEquals([shape, source.trainExamples, testExamples], [[8, 8, 3], 2, 2]);
    assertEquals(await source.diagnose?.(), undefined);
  }
  const typed = await loadDataset("imagenet", options);
  assert(typed.train.allJpeg && typed.train.paths.every((path) => path.endsWith("one.jpg")));
  const records = await loadDataset(`records:${join(goldens, "records")}`, options);
  assertEquals(records.trainExamples, records.train.count);
  assertEquals([records.shape, records.withNoisyLabels], [[8, 8, 3], undefined]);
  const error = await assertRejects(
    () => loadDataset(`records:${join(goldens, "records")}`, { validation: true }),
    OptionError,
    "Cannot hold out examples",
  );
  assertEquals(error.option, "validation");
});

Deno.test("a registered data set is loaded by its name with the options given", async () => {
  const set = { images: new Uint8Array(64), labels: new Int32Array(4), shape: [4, 4, 1] as const };
  const data = { name: "own_1", classes: ["a", "b"], mean: [0], standardDeviation: [1] };
  const given: unknown[] = [];
  registerDataset("own_1", (options) => {
    given.push(options.trainCount);
    return imageSource({ ...data, train: take(set, options.trainCount), test: set }, options);
  });
  assert(datasetNames.includes("own_1"));
  const source = await loadDataset("own_1", { trainCount: 3, imageSize: 6 });
  assertEquals([given, source.trainExamples, source.shape], [[3], 3, [6, 6, 1]]);
  for (const name of ["own_1", "cifar10", "imagenet"]) {
    assertThrows(
      () => registerDataset(name, () => source),
      RangeError,
      `"${name}": the name is taken`,
    );
  }
  for (const name of ["", "folder:x", "../up", "a/b", "a b", ".hidden"]) {
    assertThrows(() => registerDataset(name, () => source), RangeError, "a name has letters");
  }
});

Deno.test("counts that cannot be taken are blamed on their option", async () => {
  for (const option of ["trainCount", "testCount"]) {
    for (const name of ["synthetic", "fashion_mnist_small"]) {
      const error = await assertRejects(() => loadDataset(name, { [option]: 0 }), OptionError);
      assertEquals(error.option, option);
    }
  }
});

Deno.test("loadDataset refuses unknown names and lists the known ones", async () => {
  for (const name of ["fashion", "", "constructor", "__proto__"]) {
    await assertRejects(
      () => loadDataset(name),
      RangeError,
      "fashion_mnist, fashion_mnist_small, svhn, svhn_core, synthetic, synthetic_16, synthetic_32",
    );
  }
});

Deno.test("loadDataset passes options and errors on", async () => {
  using empty = temporaryFolder();
  await assertRejects(
    () => loadDataset("fashion_mnist", { dataDir: empty.path, download: false }),
    DataError,
    empty.path,
  );
  await assertRejects(() => loadDataset("synthetic", { seed: -1 }), RangeError, "seed -1");
});

Deno.test("take gives the first examples as views", () => {
  const images = Uint8Array.from({ length: 12 }, (_, i) => i);
  const set = { images, labels: Int32Array.of(3, 1, 2), shape: [2, 2, 1] as const };
  assertEquals(take(set), set);
  assertEquals(take(set, 2).images, images.subarray(0, 8));
  assertEquals([...take(set, 2).labels], [3, 1]);
  assertEquals(take(set, 2).images.buffer, images.buffer);
  for (const count of [0, -1, 4, 1.5, NaN]) {
    assertThrows(() => take(set, count), RangeError, `Cannot take ${count} examples`);
  }
});
