import { Buffer } from "node:buffer";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { readMat } from "../../lib/data/_mat.ts";
import { DataError, loadSvhn, loadSvhnCore, svhnFiles } from "../../lib/data/mod.ts";
import { testData } from "../_data_dir.ts";
import { temporaryFolder } from "./_files.ts";

const real = testData("svhn");
const sum = (bytes: Uint8Array) => bytes.reduce((total, byte) => total + byte, 0);

/* Sums, labels and pixels are those of scipy.io.loadmat: d["X"].transpose(3, 0, 1, 2), d["y"] % 10. */
Deno.test({
  name: "loadSvhnCore reads the official layout, as many images as there are",
  ignore: real.ignore,
  async fn() {
    const set = await loadSvhnCore({ dataDir: real.dataDir, download: false });
    assertEquals([set.train.labels.length, set.test.labels.length], [883, 200]);
    assertEquals([sum(set.train.images), sum(set.test.images)], [322_653_632, 70_578_331]);
    assertEquals([...set.train.labels.subarray(0, 8)], [1, 9, 2, 3, 2, 5, 9, 3]);
    assertEquals([...set.test.labels.subarray(0, 8)], [9, 3, 6, 5, 2, 6, 1, 2]);
    assertEquals([...set.train.images.subarray(0, 6)], [33, 30, 38, 15, 23, 19]);
    assertEquals(set.classes, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  },
});

Deno.test({
  name: "loadSvhnCore: the beginning of the official file is refused as truncated",
  ignore: real.ignore,
  async fn() {
    using folder = temporaryFolder();
    const svhn = join(folder.path, "svhn");
    await Deno.mkdir(svhn);
    for (const { name } of [svhnFiles.train, svhnFiles.test]) {
      await Deno.copyFile(
        join(real.path, "official_train_32x32.truncated.mat"),
        join(svhn, name),
      );
    }
    await assertRejects(
      () => loadSvhnCore({ dataDir: folder.path, download: false }),
      DataError,
      "its array at byte 128 ends at byte 182004483, the file at 2686976: it is truncated",
    );
  },
});

/** An element: its tag, its data, and zeros up to a multiple of eight. */
function element(type: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + Math.ceil(data.length / 8) * 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, data.length, true);
  bytes.set(data, 8);
  return bytes;
}

/** A file with arrays of bytes; compressed ones as in the official files. */
function mat(
  arrays: readonly { name: string; shape: number[]; values: Uint8Array; type?: number }[],
  compressed = true,
): Uint8Array {
  const header = new Uint8Array(128).fill(0x20);
  header.set([0, 1, 0x49, 0x4d], 124);
  const parts = arrays.map(({ name, shape, values, type = 2 }) => {
    const matrix = element(
      14,
      Buffer.concat([
        element(6, Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0)),
        element(5, new Uint8Array(Int32Array.from(shape).buffer)),
        element(1, new TextEncoder().encode(name)),
        element(type, values),
      ]),
    );
    if (!compressed) return matrix;
    const packed = deflateSync(matrix);
    const tag = new Uint8Array(8);
    new DataView(tag.buffer).setUint32(0, 15, true);
    new DataView(tag.buffer).setUint32(4, packed.length, true);
    return Buffer.concat([tag, packed]);
  });
  return Buffer.concat([header, ...parts]);
}

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
    const { train } = await load(mat(arrays(), compressed));
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

Deno.test("svhn: damaged compression is refused", async () => {
  const bytes = Uint8Array.from(mat(arrays()));
  bytes.fill(0xff, 400, 500);
  await assertRejects(() => load(bytes), DataError, "is damaged (");
});

Deno.test("readMat: 10,000 damaged files are read or refused, and nothing else", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "damaged.mat");
  const small = [{ name: "X", shape: [2, 2], values: Uint8Array.of(1, 2, 3, 4) }];
  const whole = [mat(small), mat(small, false)];
  let seed = 1;
  const next = (below: number) => {
    seed = Math.imul(seed, 1103515245) + 12345 & 0x7fffffff;
    return (seed >>> 8) % below;
  };
  let refused = 0;
  for (let count = 0; count < 10_000; count++) {
    const bytes = Uint8Array.from(whole[count % 2]!);
    for (let flips = next(3); flips >= 0; flips--) {
      bytes[124 + next(bytes.length - 124)] = next(256);
    }
    await Deno.writeFile(path, count % 5 === 0 ? bytes.subarray(0, next(bytes.length)) : bytes);
    try {
      for await (const array of readMat(path)) {
        for await (const piece of array.values()) assert(piece.length <= 1 << 16);
      }
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      refused++;
    }
  }
  assert(refused > 5000, `${refused} were refused`);
});
