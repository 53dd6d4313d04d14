import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { decodeCenterCrop } from "../../lib/data/pipeline/_decode.ts";
import { withinPixelLimit } from "../../lib/data/pipeline/_pixel_limit.ts";
import { pixelsOf } from "../../lib/tensorflow/_image_size.ts";
import { backend, dataset, image, node, tf } from "../../lib/tensorflow/mod.ts";
import { runScript } from "../tensorflow/_process.ts";

const small = tf.fill([2, 3, 3], 7, "int32") as tf.Tensor3D;
const png = await image.encodePng(small), jpeg = await image.encodeJpeg(small);
small.dispose();

/** The file with another size in its header. */
function resized(file: Uint8Array, width: number, height: number): Uint8Array {
  const bytes = Uint8Array.from(file);
  const view = new DataView(bytes.buffer);
  if (bytes[0] === 0x89) {
    view.setUint32(16, width);
    view.setUint32(20, height);
  } else {
    const frame = bytes.findIndex((byte, at) => byte === 0xff && bytes[at + 1] === 0xc0);
    view.setUint16(frame + 5, height);
    view.setUint16(frame + 7, width);
  }
  return bytes;
}

const le = (value: number, bytes: number) =>
  Array.from({ length: bytes }, (_, at) => value >>> (8 * at) & 255);
const ascii = (text: string) => [...new TextEncoder().encode(text)];
/** Headers of files whose pixels do not come. */
const bmp = Uint8Array.from([...ascii("BM"), ...le(0, 16), ...le(20000, 4), ...le(20000, 4)]);
const frame = [0x2c, ...le(0, 8), 0, 2, 0];
const gif = Uint8Array.from([...ascii("GIF89a"), ...le(30000, 2), ...le(3000, 2), 0, 0, 0]);
const animation = Uint8Array.from([...gif, ...frame, ...frame, 0x3b]);

Deno.test("images of more pixels than the limit are refused by their header", () => {
  const message = "Cannot decode an image of 400000000 pixels: the limit is 178956970";
  for (const file of [resized(png, 20000, 20000), resized(jpeg, 20000, 20000), bmp]) {
    assertThrows(() => image.decodeImage(file), RangeError, message);
    assertThrows(() => node.decodeImage(file), RangeError, message);
  }
  assertThrows(() => image.decodePng(resized(png, 2 ** 31 - 1, 2 ** 31 - 1)), RangeError, "pixels");
  assertThrows(() => image.decodeGif(animation), RangeError, "an image of 180000000 pixels");
});

Deno.test("the limit of pixels can be set", () => {
  assertEquals(image.maxPixels(), 178_956_970);
  try {
    image.setMaxPixels(5);
    assertThrows(() => image.decodePng(png), RangeError, "of 6 pixels: the limit is 5");
    image.setMaxPixels(6);
    image.decodePng(png).dispose();
    assertThrows(() => image.setMaxPixels(0), RangeError, "must be > 0");
    assertThrows(() => image.setMaxPixels(NaN), RangeError);
  } finally {
    image.setMaxPixels(178_956_970);
  }
});

Deno.test("the limit of pixels can be set from outside, as its message says", async () => {
  const decode = (SAM_MAX_PIXELS: string) =>
    runScript(
      `engine.image.decodePng(Uint8Array.fromHex("${png.toHex()}")).dispose();`,
      { env: { SAM_MAX_PIXELS } },
    );
  const refused = await decode("5");
  assertStringIncludes(refused.stderr, "the limit is 5; if you trust it, set SAM_MAX_PIXELS=6");
  assertEquals((await decode("6")).code, 0);
  assertEquals((await decode("")).code, 0);
  const wrong = await decode("many");
  assertStringIncludes(wrong.stderr, "Cannot limit images to SAM_MAX_PIXELS=many: it must be");
});

Deno.test("headers that end early tell no size, and reading them ends", () => {
  assertEquals([png, jpeg].map(pixelsOf), [6, 6]);
  for (const file of [png, jpeg, animation, bmp]) {
    for (let length = 0; length <= file.length; length++) {
      const pixels = pixelsOf(file.subarray(0, length));
      if (length < 13) assertEquals(pixels, undefined);
    }
  }
  // Segments of no length, and blocks without an end.
  assertEquals(
    pixelsOf(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xe0, 0, 0, 0)),
    undefined,
  );
  assertEquals(pixelsOf(Uint8Array.from([...gif, 0x21, 0xff, 255])), 90_000_000);
});

Deno.test("an element of a data set of more pixels than the limit fails before it is decoded", async () => {
  const through = async (file: Uint8Array) => {
    const files = dataset.fromArrays({ file: { values: ["x"], shape: [1] } });
    const bytes = tf.tensor([file] as unknown as string[], [], "string");
    const length = (text: tf.Tensor) => backend.run("StringLength", [], [text])[0]!;
    const mapped = files.map(() => ({ size: length(withinPixelLimit(bytes)) }));
    try {
      for await (const { size } of mapped.epoch()) {
        const [length] = size.dataSync();
        size.dispose();
        return length;
      }
    } finally {
      bytes.dispose();
    }
  };
  assertEquals([await through(png), await through(jpeg)], [png.length, jpeg.length]);
  for (
    const file of [resized(png, 20000, 20000), resized(jpeg, 20000, 20000), resized(png, -1, -1)]
  ) {
    await assertRejects(() => through(file), Error, "The image has more than 178956970 pixels");
  }
});

Deno.test("a JPEG file of more pixels than the limit fails before a crop of it is decoded", async () => {
  const file = resized(jpeg, 20000, 20000);
  const bytes = tf.tensor([file] as unknown as string[], [], "string");
  const crops = dataset.fromArrays({ file: { values: ["x"], shape: [1] } })
    .map(() => ({ image: decodeCenterCrop(bytes, { size: 8, allJpeg: true }) }));
  await assertRejects(
    async () => {
      for await (const { image } of crops.epoch()) image.dispose();
    },
    Error,
    "The image has more than 178956970 pixels",
  );
  bytes.dispose();
});
