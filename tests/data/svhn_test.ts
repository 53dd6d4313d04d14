import { Buffer } from "node:buffer";
import { join } from "node:path";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { chosenSplit } from "../../lib/data/sets/_validation.ts";
import { coreSplit } from "../../lib/data/sets/svhn.ts";
import { DataError, type ImageSet, loadSvhn, loadSvhnCore, svhnFiles } from "../../lib/data/mod.ts";
import { testData } from "../_data_dir.ts";
import { testUnless } from "../_skip.ts";
import { element, mat } from "./_mat_file.ts";
import { temporaryFolder } from "./_files.ts";

const real = testData("svhn");
const sum = (bytes: Uint8Array) => bytes.reduce((total, byte) => total + byte, 0);

/* Sums, labels and pixels are those of scipy.io.loadmat: d["X"].transpose(3, 0, 1, 2), d["y"] % 10. */
testUnless(real.missing, "loadSvhnCore reads real digits, as many as there are", async (t) => {
  const set = await loadSvhnCore({ dataDir: real.dataDir, download: false });
  assertEquals([set.train.labels.length, set.test.labels.length], [883, 200]);
  assertEquals([sum(set.train.images), sum(set.test.images)], [322_653_632, 70_578_331]);
  assertEquals([...set.train.labels.subarray(0, 8)], [1, 9, 2, 3, 2, 5, 9, 3]);
  assertEquals([...set.test.labels.subarray(0, 8)], [9, 3, 6, 5, 2, 6, 1, 2]);
  assertEquals([...set.train.images.subarray(0, 6)], [33, 30, 38, 15, 23, 19]);
  assertEquals(set.classes, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);

  await t.step("the last tenth of them as validation", async () => {
    const options = { dataDir: real.dataDir, download: false, validation: true };
    const { train, test } = await loadSvhnCore(options);
    assertEquals([train.labels.length, test.labels.length], [794, 89]);
    assertEquals(sum(test.images), sum(set.train.images.subarray(794 * 3072)));
    assertEquals(sum(train.images), sum(set.train.images.subarray(0, 794 * 3072)));
  });

  await t.step("the beginning of the official file is refused as truncated", async () => {
    const beginning = await Deno.readFile(join(real.path, "official_train_32x32.truncated.mat"));
    await assertRejects(
      () => load(beginning),
      DataError,
      "its array at byte 128 ends at byte 182004483, the file at 2686976: it is truncated",
    );
  });
});

/** Two images and their labels. */
const arrays = (labels = [10, 3]) => [
  { name: "X", shape: [32, 32, 3, 2], values: Uint8Array.from({ length: 6144 }, (_, at) => at) },
  { name: "y", shape: [2, 1], values: Uint8Array.from(labels) },
];

async function load(
  bytes: Uint8Array,
  loader = loadSvhnCore,
): Promise<Awaited<ReturnType<typeof loadSvhnCore>>> {
  using folder = temporaryFolder();
  await Deno.mkdir(join(folder.path, "svhn"));
  for (const { name } of Object.values(svhnFiles)) {
    await Deno.writeFile(join(folder.path, "svhn", name), bytes);
  }
  return await loader({ dataDir: folder.path, download: false });
}

for (const compressed of [true, false]) {
  Deno.test(`svhn: columns become rows, 10 is 0; compressed: ${compressed}`, async () => {
    const { train, mean, standardDeviation } = await load(mat(arrays(), compressed));
    assertEquals(mean, [0.43090966, 0.4302428, 0.44634357]);
    assertEquals(standardDeviation, [0.19759192, 0.20029082, 0.19811132]);
    assertEquals([...train.labels], [0, 3]);
    // Row 1, column 2, blue: its place in the file is 1 + 32 · 2 + 1024 · 2.
    assertEquals(train.images[(1 * 32 + 2) * 3 + 2], (1 + 64 + 2048) % 256);
    assertEquals(train.images[3072 + 3], (3072 + 32) % 256);
  });
}

Deno.test("svhn: the extra images follow the training set", async () => {
  const { train, test, name } = await load(mat(arrays()), loadSvhn);
  assertEquals([name, train.labels.length, test.labels.length], ["svhn", 4, 2]);
  assertEquals([...train.labels], [0, 3, 0, 3]);
  assertEquals(train.images.subarray(0, 6144), train.images.subarray(6144));
});

/** Images of one byte, which is the lowest of their number, in the place of SVHN's. */
function numbered(count: number): ImageSet {
  return {
    images: Uint8Array.from({ length: count }, (_, index) => index),
    labels: Int32Array.from({ length: count }, (_, index) => index),
    shape: [1, 1, 1],
  };
}

Deno.test("svhn: validation is the end of the official core set, all extra images are trained on", () => {
  const core = 73_257, extra = 531_131, test = numbered(3);
  const split = (set: ImageSet) => chosenSplit(set, test, { validation: true }, coreSplit(core));
  const { train, test: held } = split(numbered(core + extra));
  assertEquals([train.labels.length, held.labels.length], [65_929 + extra, 73_257 - 65_929]);
  assertEquals([held.labels[0], held.labels.at(-1)], [65_929, core - 1]);
  assertEquals([train.labels[0], train.labels[65_928]], [0, 65_928]);
  assertEquals([train.labels[65_929], train.labels.at(-1)], [core, core + extra - 1]);
  for (const set of [train, held]) {
    assertEquals(set.images.length, set.labels.length);
    assert(set.images.every((byte, index) => byte === (set.labels[index]! & 255)));
  }
  const alone = split(numbered(core));
  assertEquals([alone.train.labels.length, alone.test.labels], [65_929, held.labels]);
  assertEquals(chosenSplit(numbered(core), test, {}, coreSplit(core)).test, test);
});

/** Of ten images whose first pixel is their number. */
const ten = (first: number) => [
  {
    name: "X",
    shape: [32, 32, 3, 10],
    values: Uint8Array.from({ length: 30720 }, (_, at) => first + Math.floor(at / 3072)),
  },
  { name: "y", shape: [10, 1], values: Uint8Array.from({ length: 10 }, (_, at) => at + 1) },
];

Deno.test("svhn: a validation split of files leaves the extra images to training", async () => {
  using folder = temporaryFolder();
  await Deno.mkdir(join(folder.path, "svhn"));
  for (const [index, { name }] of Object.values(svhnFiles).entries()) {
    await Deno.writeFile(join(folder.path, "svhn", name), mat(ten(20 * index)));
  }
  const options = { dataDir: folder.path, download: false, validation: true };
  const first = ({ images }: ImageSet) => [...images].filter((_, at) => at % 3072 === 0);
  const { train, test } = await loadSvhn(options);
  const extra = [20, 21, 22, 23, 24, 25, 26, 27, 28, 29];
  assertEquals(first(train), [0, 1, 2, 3, 4, 5, 6, 7, 8, ...extra]);
  assertEquals([first(test), [...test.labels]], [[9], [0]]);
  assertEquals([...train.labels], [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
  const some = await loadSvhn({ ...options, trainCount: 12 });
  assertEquals(first(some.train), [0, 1, 2, 3, 4, 5, 6, 7, 8, 20, 21, 22]);
  const core = await loadSvhnCore(options);
  assertEquals([first(core.train), first(core.test)], [[0, 1, 2, 3, 4, 5, 6, 7, 8], [9]]);
});

Deno.test("svhn: an abort ends the unpacking", async () => {
  const signal = AbortSignal.abort();
  const error = await assertRejects(
    () => load(mat(arrays()), (options) => loadSvhnCore({ ...options, signal })),
    DOMException,
  );
  assertEquals(error, signal.reason);
});

Deno.test("svhn: doubles as labels", async () => {
  const [X] = arrays();
  const y = new Uint8Array(Float64Array.of(10, 1).buffer);
  const { train } = await load(mat([X!, { name: "y", shape: [2, 1], values: y, type: 9 }]));
  assertEquals([...train.labels], [0, 1]);
});

Deno.test("svhn: what cannot be meant is refused with what was found", async () => {
  const [X, y] = arrays() as [ReturnType<typeof arrays>[0], ReturnType<typeof arrays>[0]];
  const whole = mat(arrays());
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(), "found 0 bytes, expected a MAT file"],
    [new Uint8Array(200), "found no header of a MAT file"],
    [whole.subarray(0, 128), "found no array, expected X"],
    [whole.subarray(0, 300), `ends at byte ${endOfFirst(whole)}, the file at 300: it is truncated`],
    [Buffer.concat([whole, new Uint8Array(3)]), "found 3 bytes after its last array"],
    [Buffer.concat([whole.subarray(0, 128), element(7, new Uint8Array(8))]), "type 7 at 128"],
    [mat([y]), "found the array y of 2 x 1, expected X, 32 x 32 x 3 x N"],
    [mat([X]), "found no array of labels, expected y, 2 x 1, after X"],
    [mat([X, { ...y, name: "z" }]), "found the array z of 2 x 1, expected y, 2 x 1"],
    [mat([X, { ...y, shape: [1, 1] }]), "found 2 bytes for the array y of 1 x 1"],
    [mat(arrays([10, 0])), "found label 0 for example 1, expected 1 to 10"],
    [mat(arrays([11, 1])), "found label 11 for example 0"],
    [mat([{ ...X, shape: [32, 32, 3, 2_000_000_000] }]), "bytes for the array X of 32 x 32 x 3 x"],
    [mat([{ ...X, type: 4 }]), "found values of type 4 in the array X"],
  ];
  for (const [bytes, message] of cases) {
    const error = await assertRejects(() => load(bytes), DataError, message);
    assertStringIncludes(error.message, "train_32x32.mat");
  }
});

/** Where the first array of a file ends. */
function endOfFirst(file: Uint8Array): number {
  return 136 + new DataView(file.buffer, file.byteOffset).getUint32(132, true);
}

Deno.test("svhn: damaged compression is refused", async () => {
  const bytes = Uint8Array.from(mat(arrays()));
  bytes.fill(0xff, 400, 500);
  await assertRejects(() => load(bytes), DataError, "is damaged (");
});
