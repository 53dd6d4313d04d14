import { join } from "node:path";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { sha256OfFile } from "../../lib/system/mod.ts";
import {
  DataError,
  fashionMnistFiles,
  type ImageSet,
  loadFashionMnist,
  loadFashionMnistSmall,
} from "../../lib/data/mod.ts";
import { testData } from "../_data_dir.ts";
import { testUnless } from "../_skip.ts";
import { gzip, idx, temporaryFolder } from "./_files.ts";

const { missing, path: folder, dataDir } = testData("fashion_mnist");

const sum = (bytes: Uint8Array) => bytes.reduce((total, byte) => total + byte, 0);
const first = (set: ImageSet) => [...set.labels.subarray(0, 10)];
const counts = (set: ImageSet) =>
  set.labels.reduce((n, label) => (n[label]!++, n), Array<number>(10).fill(0));

testUnless(missing, "loadFashionMnist reads the official files", async (t) => {
  const set = await loadFashionMnist({ dataDir, download: false });
  assertEquals([first(set.train), first(set.test)], [
    [9, 0, 0, 3, 0, 2, 7, 2, 5, 5],
    [9, 2, 1, 1, 6, 1, 4, 6, 5, 7],
  ]);
  assertEquals([counts(set.train), counts(set.test)], [Array(10).fill(6000), Array(10).fill(1000)]);
  // Sums by an independent reader (Python's gzip).
  assertEquals([sum(set.train.images), sum(set.test.images)], [3_431_114_169, 573_469_082]);
  assertEquals(sum(set.train.images.subarray(0, 784)), 76_247);
  assertEquals(sum(set.test.images.subarray(0, 784)), 33_456);

  for (const { name, bytes, sha256 } of Object.values(fashionMnistFiles)) {
    await t.step(`${name} has the pinned size and sha256`, async () => {
      assertEquals((await Deno.stat(join(folder, name))).size, bytes);
      assertEquals(await sha256OfFile(join(folder, name)), sha256);
    });
  }
});

Deno.test("loadFashionMnist reads the official layout, and keeps the first examples if asked", async () => {
  using own = temporaryFolder();
  await Deno.mkdir(join(own.path, "fashion_mnist"));
  const { trainImages, trainLabels, testImages, testLabels } = fashionMnistFiles;
  for (
    const [images, labels, count] of [
      [trainImages, trainLabels, 60_000],
      [testImages, testLabels, 10_000],
    ] as const
  ) {
    const put = async ({ name }: { name: string }, shape: number[], bytes: Uint8Array) =>
      await Deno.writeFile(join(own.path, "fashion_mnist", name), await gzip(idx(shape, bytes)));
    // The first pixels of an image tell its number.
    const pixels = new Uint8Array(count * 784);
    for (let image = 0; image < count; image++) pixels.set([image % 256, image >> 8], image * 784);
    await put(images, [count, 28, 28], pixels);
    await put(labels, [count], Uint8Array.from({ length: count }, (_, index) => index % 10));
  }
  const options = { dataDir: own.path, download: false };
  const set = await loadFashionMnist(options);
  assertEquals([set.name, set.classes.length], ["fashion_mnist", 10]);
  assertEquals([set.train.shape, set.test.shape], [[28, 28, 1], [28, 28, 1]]);
  assertEquals([set.mean, set.standardDeviation], [[0.1307], [0.3081]]);
  assertEquals([counts(set.train), counts(set.test)], [Array(10).fill(6000), Array(10).fill(1000)]);
  const last = 59_999;
  assertEquals([...set.train.images.subarray(784 * last, 784 * last + 3)], [95, 234, 0]);
  assertEquals([set.train.images.length, set.train.labels[last]], [784 * 60_000, 9]);

  const { train, test } = await loadFashionMnist({ ...options, trainCount: 3, testCount: 1 });
  assertEquals([...train.labels, ...test.labels], [0, 1, 2, 0]);
  assertEquals([train.images.length, test.images.length], [3 * 784, 784]);
  await assertRejects(
    () => loadFashionMnist({ ...options, trainCount: 60_001 }),
    RangeError,
    "60000",
  );
});

Deno.test("loadFashionMnist without the files and without download says where they go", async () => {
  using empty = temporaryFolder();
  const error = await assertRejects(
    () => loadFashionMnist({ dataDir: empty.path, download: false }),
    DataError,
    join(empty.path, "fashion_mnist", "train-images-idx3-ubyte.gz"),
  );
  assertStringIncludes(error.message, "SAM_DATA_DIR");
  assertEquals([...Deno.readDirSync(empty.path)], []);
});

Deno.test("loadFashionMnist fetches what is missing, from the mirrors in order", async () => {
  using empty = temporaryFolder();
  const asked: string[] = [];
  const { fetch } = globalThis;
  globalThis.fetch = (input) => {
    asked.push(String(input));
    return Promise.resolve(new Response("gone", { status: 404 }));
  };
  try {
    await assertRejects(() => loadFashionMnist({ dataDir: empty.path }), DataError, "HTTP 404");
  } finally {
    globalThis.fetch = fetch;
  }
  const { name } = fashionMnistFiles.trainImages;
  assertEquals(asked, [
    `http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/${name}`,
    `https://storage.googleapis.com/tensorflow/tf-keras-datasets/${name}`,
  ]);
});

Deno.test("loadFashionMnist refuses wrong files and labels", async () => {
  using own = temporaryFolder();
  const at = (name: string) => join(own.path, "fashion_mnist", name);
  const load = () => loadFashionMnist({ dataDir: own.path, download: false });
  const { trainImages, trainLabels, testImages, testLabels } = fashionMnistFiles;
  await Deno.mkdir(join(own.path, "fashion_mnist"));
  const images = await gzip(idx([60_000, 28, 28], new Uint8Array(60_000 * 784)));
  await Deno.writeFile(at(trainImages.name), images);
  await Deno.writeFile(at(testImages.name), images);
  await Deno.writeFile(at(testLabels.name), images);

  const labels = new Uint8Array(60_000);
  labels[17] = 10;
  await Deno.writeFile(at(trainLabels.name), await gzip(idx([60_000], labels)));
  const error = await assertRejects(load, DataError, "found label 10 for example 17");
  assertEquals(error.path, at(trainLabels.name));

  labels[17] = 9;
  await Deno.writeFile(at(trainLabels.name), await gzip(idx([60_000], labels)));
  await assertRejects(
    load,
    DataError,
    "found dimensions 60000 x 28 x 28, expected 10000 x 28 x 28",
  );
  await Deno.writeFile(at(trainImages.name), images.subarray(0, 1000));
  const cut = await assertRejects(
    load,
    DataError,
    "its first 1000 bytes are not a whole gzip file",
  );
  assert(cut.message.includes(at(trainImages.name)));
});

Deno.test("loadFashionMnistSmall: what comes with the package, its sizes and its first labels", async () => {
  const { train, test, ...set } = await loadFashionMnistSmall({ download: false });
  assertEquals([first(train), first(test)], [
    [9, 0, 0, 3, 0, 2, 7, 2, 5, 5],
    [9, 2, 1, 1, 6, 1, 4, 6, 5, 7],
  ]);
  assertEquals([train.images.length, test.images.length], [2000 * 784, 1000 * 784]);
  assertEquals([set.name, set.classes[9], set.mean], ["fashion_mnist_small", "Ankle boot", [
    0.1307,
  ]]);
  const validation = await loadFashionMnistSmall({ validation: true, testCount: 50 });
  assertEquals(validation.train.labels, train.labels.subarray(0, 1800));
  assertEquals(validation.test.labels, train.labels.subarray(1800, 1850));
  const folder = new URL("../../data/fashion_mnist_small/", import.meta.url);
  let bytes = 0;
  for await (const { name } of Deno.readDir(folder)) {
    bytes += (await Deno.stat(new URL(name, folder))).size;
  }
  assert(bytes < 2.5e6, `${bytes} bytes`);
  assertStringIncludes(await Deno.readTextFile(new URL("LICENSE", folder)), "Zalando SE");
});

testUnless(missing, "loadFashionMnistSmall is the beginning of the official files", async () => {
  const small = await loadFashionMnistSmall();
  const whole = await loadFashionMnist({ dataDir, trainCount: 2000, testCount: 1000 });
  assertEquals([small.train, small.test], [whole.train, whole.test]);
});

Deno.test("loadFashionMnistSmall works where the package is imported over HTTP", async () => {
  const root = new URL("../../", import.meta.url);
  const asked: string[] = [];
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      const types: Record<string, string> = {
        ts: "application/typescript",
        json: "application/json",
        gz: "application/gzip",
      };
      const type = types[pathname.split(".").at(-1)!]!;
      return new Response(await Deno.readFile(new URL(`.${pathname}`, root)), {
        headers: { "content-type": type },
      });
    },
  );
  const host = `127.0.0.1:${server.addr.port}`;
  using folder = temporaryFolder();
  const main = join(folder.path, "main.ts");
  await Deno.writeTextFile(
    main,
    `import { loadFashionMnistSmall } from "http://${host}/lib/data/sets/fashion_mnist.ts";
    console.log((await loadFashionMnistSmall()).train.labels.length);`,
  );
  // What unpacks the archives of other sets is left out, as it would be fetched.
  const map = { imports: { tar: "data:text/javascript,export const extract = undefined;" } };
  await Deno.writeTextFile(join(folder.path, "map.json"), JSON.stringify(map));
  const permissions = [`--allow-net=${host}`, `--allow-import=${host}`];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-q",
      "--no-lock",
      "--no-check",
      "--import-map=map.json",
      ...permissions,
      main,
    ],
    cwd: folder.path,
    env: { NO_COLOR: "1", DENO_DIR: join(folder.path, "cache") },
  }).output();
  assertEquals(new TextDecoder().decode(stdout).trim(), "2000", new TextDecoder().decode(stderr));
  assert(asked.includes("/data/fashion_mnist_small/train-images-idx3-ubyte.gz"), `${asked}`);
});
