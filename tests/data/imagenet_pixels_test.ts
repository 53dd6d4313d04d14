import { join } from "node:path";
import { assert, assertEquals } from "@std/assert";
import { decodeCrop, decodeRandomCrop, readFile } from "../../lib/data/pipeline/_decode.ts";
import { type ImageClassification, imageSource } from "../../lib/data/mod.ts";
import type { ImageFiles } from "../../lib/data/types.ts";
import { dataset, type random, tf } from "../../lib/tensorflow/mod.ts";
import { testData } from "../_data_dir.ts";
import { testUnless } from "../_skip.ts";
import { values, withoutLeaks } from "../_tensors.ts";

/** What `goldens/imagenet_pixels.py` wrote with TensorFlow 2.21. */
interface Case {
  /** In goldens/photographs, or of a class in the sample of ImageNet. */
  readonly path: string;
  readonly kind: "evaluation" | "crop" | "random";
  readonly size: number;
  readonly window?: readonly number[];
  readonly mean: number;
  readonly square: number;
  readonly values: readonly number[];
}

const goldens = new URL("../goldens/", import.meta.url).pathname;
const cases: readonly Case[] = JSON.parse(
  Deno.readTextFileSync(join(goldens, "imagenet_pixels.json")),
);
const sample = testData("imagenet_sample");
const isDrawn = ({ path }: Case) => !path.includes("/");
const pathOf = (given: Case) =>
  isDrawn(given) ? join(goldens, "photographs", given.path) : join(sample.path, given.path);

/** @param unit how much a difference of one in pixels of 0..255 is */
function assertPixels(pixels: readonly number[], expected: Case, unit: number): void {
  const what = `${expected.path}, ${expected.kind} ${expected.window ?? ""}`;
  const near = (found: number, wanted: number, limit: number, of: string) =>
    assert(Math.abs(found - wanted) <= limit, `${what}: ${of} is ${found}, not ${wanted}`);
  expected.values.forEach((wanted, k) => {
    const place = k * 104729 % pixels.length;
    near(pixels[place]!, wanted, 2e-4 * unit, `value ${place}`);
  });
  const mean = (of: (pixel: number) => number) =>
    pixels.reduce((sum, pixel) => sum + of(pixel), 0) / pixels.length;
  near(mean((pixel) => pixel), expected.mean, 1e-5 * unit, "the mean");
  near(mean((pixel) => pixel ** 2), expected.square, 1e-6 * expected.square, "the mean square");
}

/** Pixels of crops through a data set; windows as given, else drawn at random. */
async function crops(given: readonly Case[], allJpeg: boolean): Promise<number[][]> {
  const found: number[][] = [];
  for (const one of given) {
    const source = dataset.fromArrays({ path: { values: [pathOf(one)], shape: [1] } });
    const { size, window } = one;
    const decoded = source.map(({ path }, seed: random.Seed) => ({
      pixels: window === undefined
        ? decodeRandomCrop(readFile(path), seed, { size, allJpeg })
        : decodeCrop(readFile(path), { size, allJpeg }, () => tf.tensor1d([...window], "int32")),
    }));
    for await (const { pixels } of decoded.epoch(1)) {
      assertEquals(pixels.shape, [size, size, 3]);
      found.push(values(pixels));
      pixels.dispose();
    }
  }
  return found;
}

function setOf(paths: readonly string[]): ImageClassification<ImageFiles> {
  const labels = Int32Array.from(paths, () => 0);
  const files: ImageFiles = { paths, labels, shape: [224, 224, 3], allJpeg: true };
  return {
    name: "photographs",
    classes: ["a", "b"],
    train: files,
    test: files,
    mean: [0.485, 0.456, 0.406],
    standardDeviation: [0.229, 0.224, 0.225],
  };
}

for (const drawn of [true, false]) {
  const given = cases.filter((one) => isDrawn(one) === drawn);

  testUnless(
    drawn ? undefined : sample.missing,
    `ImageNet's pixels: ${drawn ? "drawn photographs" : "photographs of ImageNet"}, ` +
      "as the reference's in TensorFlow",
    async (t) => {
      await t.step("in the evaluation", () =>
        withoutLeaks(async () => {
          const wanted = given.filter(({ kind }) => kind === "evaluation");
          assertEquals(wanted.length, drawn ? 3 : 25);
          const batches = imageSource(setOf(wanted.map(pathOf))).evaluation({ batchSize: 1 });
          let index = 0;
          for await (const { images, labels } of batches.epoch()) {
            assertPixels(values(images), wanted[index++]!, 1 / 58);
            tf.dispose([images, labels]);
          }
          assertEquals(index, wanted.length);
        }));
      await t.step("in given crops", () =>
        withoutLeaks(async () => {
          const wanted = given.filter(({ kind }) => kind === "crop");
          assertEquals(wanted.length, drawn ? 6 : 50);
          const found = await crops(wanted, true);
          wanted.forEach((one, index) => assertPixels(found[index]!, one, 1));
        }));
    },
  );
}

for (const allJpeg of [true, false]) {
  Deno.test(
    `random crops of the whole image: the middle in colour, all of it in gray; ${
      allJpeg ? "JPEG" : "any"
    }`,
    () =>
      withoutLeaks(async () => {
        const wanted = cases.filter(({ kind }) => kind === "random");
        assertEquals(wanted.map(({ path }) => path), ["strip.jpg", "gray_strip.jpg"]);
        const found = await crops(wanted, allJpeg);
        // Without the file's other pixels, colours at the edge of a part are interpolated otherwise.
        if (allJpeg) wanted.forEach((one, index) => assertPixels(found[index]!, one, 1));
        wanted.forEach(({ mean }, index) => {
          const own = found[index]!.reduce((sum, pixel) => sum + pixel, 0) / found[index]!.length;
          assert(Math.abs(own - mean) < 0.5, `a mean of ${own}, not ${mean}`);
        });
      }),
  );
}
