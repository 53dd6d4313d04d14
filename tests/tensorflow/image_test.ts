import { assert, assertEquals, assertThrows } from "@std/assert";
import { image as images, tf } from "../../lib/tensorflow/mod.ts";
import { values } from "../_tensors.ts";
import { leavesNothing } from "./_leaks.ts";

const { decodeImage, decodeJpeg, decodePng, encodeJpeg, encodePng } = images;

/** A smooth picture, which JPEG keeps well. */
const picture = (channels: number) =>
  tf.tidy(() => {
    const ramp = tf.outerProduct(tf.linspace(0, 255, 16), tf.linspace(0.2, 1, 12));
    return tf.stack(Array(channels).fill(ramp), 2).toInt() as tf.Tensor3D;
  });

for (const channels of [1, 3, 4]) {
  Deno.test(`PNG keeps a picture of ${channels} channels as it is`, () =>
    leavesNothing(async () => {
      const image = picture(channels);
      const bytes = await encodePng(image);
      assertEquals(Array.from(bytes.slice(1, 4)), [..."PNG"].map((c) => c.charCodeAt(0)));
      for (const decode of [decodePng, decodeImage]) {
        const decoded = decode(bytes);
        assertEquals([decoded.shape, decoded.dtype], [[16, 12, channels], "int32"]);
        assertEquals(values(decoded), values(image));
        decoded.dispose();
      }
      image.dispose();
    }));
}

Deno.test("JPEG keeps a picture nearly", () =>
  leavesNothing(async () => {
    const image = picture(3);
    const bytes = await encodeJpeg(image);
    const decoded = decodeJpeg(bytes);
    const worst = tf.tidy(() => values(tf.max(tf.abs(tf.sub(decoded, image))))[0]!);
    assert(worst <= 8, `off by ${worst}`);
    tf.dispose([image, decoded]);
  }));

Deno.test("bytes that are no picture are refused", () =>
  leavesNothing(() => {
    assertThrows(() => decodeImage(new Uint8Array(20)), Error, "image");
    const broken = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10, 0, 0);
    assertThrows(() => decodeImage(broken), Error, "Cannot run DecodePng");
  }));
