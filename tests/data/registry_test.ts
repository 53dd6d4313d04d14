import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DataError, datasets, loadDataset, take } from "../../lib/data/mod.ts";
import { temporaryFolder } from "./_files.ts";

Deno.test("datasets lists what there is", () => {
  assertEquals(Object.keys(datasets), [
    "cifar10",
    "cifar100",
    "fashion_mnist",
    "svhn",
    "svhn_core",
    "synthetic",
    "synthetic_16",
    "synthetic_32",
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
  const colour = await loadDataset("synthetic_32", { ...options, seed: 3 });
  assertEquals([colour.name, colour.test.shape], ["synthetic_32", [32, 32, 3]]);
});

Deno.test("loadDataset refuses unknown names and lists the known ones", async () => {
  for (const name of ["fashion", "", "constructor", "__proto__"]) {
    await assertRejects(
      () => loadDataset(name),
      RangeError,
      "fashion_mnist, svhn, svhn_core, synthetic, synthetic_16, synthetic_32",
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
