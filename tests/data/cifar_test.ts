import { createHash } from "node:crypto";
import { join } from "node:path";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { create } from "tar";
import { type Archive, provideArchive } from "../../lib/data/download/archive.ts";
import { parseRecords } from "../../lib/data/sets/_cifar_records.ts";
import { cifarArchives, DataError, loadCifar10, loadCifar100 } from "../../lib/data/mod.ts";
import { testData } from "../_data_dir.ts";
import { testUnless } from "../_skip.ts";
import { temporaryFolder } from "./_files.ts";

const ten = testData("cifar-10-batches-bin");
const hundred = testData("cifar-100-binary");
const sum = (bytes: Uint8Array) => bytes.reduce((total, byte) => total + byte, 0);

/*
 * Sums, labels and pixels below are numpy's:
 * d = np.fromfile(file, np.uint8).reshape(-1, 3073); d[:, 0], d[:, 1:].sum(),
 * d[0, 1:].reshape(3, 32, 32).transpose(1, 2, 0)[0, :2]
 */
testUnless(
  ten.missing ?? hundred.missing,
  "loadCifar10 reads real records, as many as there are",
  async (t) => {
    const options = { dataDir: ten.dataDir, download: false };
    const { train, test, classes } = await loadCifar10(options);
    assertEquals(classes.slice(0, 3), ["airplane", "automobile", "bird"]);
    assertEquals([train.labels.length, test.labels.length], [6152, 1017]);
    assertEquals([sum(train.images), sum(test.images)], [2_290_848_670, 380_676_608]);
    assertEquals([...train.labels.subarray(0, 8)], [6, 9, 9, 4, 1, 1, 2, 7]);
    assertEquals([...train.images.subarray(0, 6)], [59, 62, 63, 43, 46, 45]);

    await t.step("the validation split is the last tenth of the training set", async () => {
      const split = await loadCifar10({ ...options, validation: true, testCount: 100 });
      assertEquals([split.train.labels.length, split.test.labels.length], [5536, 100]);
      assertEquals(split.test.labels, train.labels.subarray(5536, 5636));
      assertEquals(split.test.images, train.images.subarray(5536 * 3072, 5636 * 3072));
    });

    await t.step("loadCifar100 keeps the fine labels", async () => {
      const set = await loadCifar100(options);
      assertEquals([set.train.labels.length, set.test.labels.length], [1117, 916]);
      assertEquals(set.classes.length, 100);
      assertEquals([sum(set.train.images), sum(set.test.images)], [425_604_918, 342_235_025]);
      assertEquals([...set.train.labels.subarray(0, 8)], [19, 29, 0, 11, 1, 86, 90, 28]);
      assertEquals([...set.train.images.subarray(0, 6)], Array(6).fill(255));
    });
  },
);

/** Records of the official layout: the labels, then planes of which each byte tells its place. */
function records(labels: readonly (readonly number[])[]): Uint8Array {
  const plane = (channel: number) =>
    Array.from({ length: 1024 }, (_, at) => (80 * channel + at) % 251);
  return Uint8Array.from(labels.flatMap((own) => [...own, ...[0, 1, 2].flatMap(plane)]));
}

/** A data folder with files in one of its folders. */
async function withFiles(
  folder: string,
  files: Readonly<Record<string, Uint8Array | string>>,
  use: (options: { dataDir: string; download: false }) => Promise<void>,
): Promise<void> {
  using own = temporaryFolder();
  await Deno.mkdir(join(own.path, folder));
  for (const [name, content] of Object.entries(files)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(join(own.path, folder, name), bytes);
  }
  await use({ dataDir: own.path, download: false });
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `class ${index}`);

Deno.test("loadCifar10 reads the official layout: batches in order, planes as pixels", () => {
  const batches = [1, 2, 3, 4, 5].map((index) =>
    [`data_batch_${index}.bin`, records([[index], [index + 4]])] as const
  );
  const files = {
    ...Object.fromEntries(batches),
    "test_batch.bin": records([[7]]),
    "batches.meta.txt": names(10).join("\n") + "\n\n",
  };
  return withFiles(cifarArchives.cifar10.folder, files, async (options) => {
    const { train, test, classes, mean, standardDeviation } = await loadCifar10(options);
    assertEquals(classes, names(10));
    assertEquals(mean, [0.49139968, 0.48215841, 0.44653091]);
    assertEquals(standardDeviation, [0.24703223, 0.24348513, 0.26158784]);
    assertEquals([...train.labels], [1, 5, 2, 6, 3, 7, 4, 8, 5, 9]);
    assertEquals([[...test.labels], test.shape], [[7], [32, 32, 3]]);
    const pixel = (image: number, row: number, column: number) => {
      const start = 3072 * image + 3 * (32 * row + column);
      return [...train.images.subarray(start, start + 3)];
    };
    assertEquals([pixel(0, 0, 0), pixel(0, 0, 1), pixel(9, 1, 0)], [
      [0, 80, 160],
      [1, 81, 161],
      [32, 112, 192],
    ]);
    const split = await loadCifar10({ ...options, validation: true });
    assertEquals([...split.train.labels], [1, 5, 2, 6, 3, 7, 4, 8, 5]);
    assertEquals([...split.test.labels], [9]);
    assertEquals(split.test.images, train.images.subarray(9 * 3072));
  });
});

Deno.test("loadCifar100 keeps the fine labels", () => {
  const files = {
    "train.bin": records([[19, 99], [0, 50]]),
    "test.bin": records([[3, 4]]),
    "fine_label_names.txt": names(100).join("\n"),
  };
  return withFiles(cifarArchives.cifar100.folder, files, async (options) => {
    const { train, test, classes, mean, standardDeviation } = await loadCifar100(options);
    assertEquals(mean, [0.50707516, 0.48654887, 0.44091784]);
    assertEquals(standardDeviation, [0.26733429, 0.25643846, 0.27615047]);
    assertEquals([[...train.labels], [...test.labels], classes], [[99, 50], [4], names(100)]);
    assertEquals([...train.images.subarray(3072, 3075)], [0, 80, 160]);
  });
});

Deno.test("records that cannot be are refused with what was found", () => {
  const format = { labels: ["class"], classes: 10, maximum: 2 } as const;
  const parse = (bytes: Uint8Array) => () => parseRecords([[bytes, "x.bin"]], format);
  for (const length of [0, 3072, 3074, 3 * 3073]) {
    assertThrowsData(parse(new Uint8Array(length)), `found ${length} bytes, expected 1 to 2`);
  }
  const wrong = new Uint8Array(2 * 3073);
  wrong[3073] = 10;
  assertThrowsData(parse(wrong), "found label 10 for example 1, expected 0 to 9");
});

/** An archive with the files a.bin and b.bin, and the server that has it. */
async function servedArchive(folder: string) {
  const packed = join(folder, "made.tar.gz");
  await Deno.mkdir(join(folder, "made"));
  await Deno.writeTextFile(join(folder, "made/a.bin"), "a");
  await Deno.writeTextFile(join(folder, "made/b.bin"), "b");
  await create({ file: packed, cwd: folder, gzip: true }, ["made"]);
  const bytes = await Deno.readFile(packed);
  let requests = 0;
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async () => {
      requests++;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return new Response(bytes);
    },
  );
  const archive: Archive = {
    name: "made.tar.gz",
    bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    urls: [`http://127.0.0.1:${server.addr.port}/`],
    folder: "made",
    members: ["a.bin"],
  };
  return {
    archive,
    requests: () => requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name);

Deno.test("a missing archive is fetched, unpacked and removed; other files of it are not kept", async () => {
  using own = temporaryFolder();
  await using served = await servedArchive(own.path);
  const parent = join(own.path, "data");
  await provideArchive(served.archive, parent, {});
  assertEquals(namesIn(parent), ["made"]);
  assertEquals(namesIn(join(parent, "made")), ["a.bin"]);
  assertEquals(await Deno.readTextFile(join(parent, "made/a.bin")), "a");

  const other = join(own.path, "other");
  const lacking = { ...served.archive, members: ["c.bin"] };
  const error = await assertRejects(() => provideArchive(lacking, other, {}), DataError);
  assertStringIncludes(error.message, "c.bin");
});

Deno.test("an archive that several want at once is fetched and unpacked once", async () => {
  using own = temporaryFolder();
  await using served = await servedArchive(own.path);
  const parent = join(own.path, "data");
  await Promise.all(
    Array.from({ length: 6 }, () => provideArchive(served.archive, parent, {})),
  );
  assertEquals(served.requests(), 1);
  assertEquals(namesIn(parent), ["made"]);
  assertEquals(namesIn(join(parent, "made")), ["a.bin"]);
});

Deno.test("an archive that two processes want at once is fetched and unpacked once", async () => {
  using own = temporaryFolder();
  await using served = await servedArchive(own.path);
  const parent = join(own.path, "data");
  const module = new URL("../../lib/data/download/archive.ts", import.meta.url);
  const script = `import { provideArchive } from ${JSON.stringify(module)};
    await provideArchive(${JSON.stringify(served.archive)}, ${JSON.stringify(parent)}, {});`;
  const process = () =>
    new Deno.Command(Deno.execPath(), { args: ["eval", "--no-check", "--ext=ts", script] })
      .output();
  for (const { success, stderr } of await Promise.all([process(), process()])) {
    assert(success, new TextDecoder().decode(stderr));
  }
  assertEquals(served.requests(), 1);
  assertEquals(namesIn(parent), ["made"]);
  assertEquals(namesIn(join(parent, "made")), ["a.bin"]);
});

Deno.test("without download the missing file and its folder are named", async () => {
  using own = temporaryFolder();
  const error = await assertRejects(
    () => loadCifar10({ dataDir: own.path, download: false }),
    DataError,
    join(own.path, cifarArchives.cifar10.folder, "data_batch_1.bin"),
  );
  assertStringIncludes(error.message, "SAM_DATA_DIR");
});

function assertThrowsData(action: () => void, message: string): void {
  try {
    action();
  } catch (error) {
    assertEquals(error instanceof DataError, true);
    assertStringIncludes((error as Error).message, message);
    return;
  }
  throw new Error(`Not refused: ${message}`);
}
