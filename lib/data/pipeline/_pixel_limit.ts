import { type Attribute, attribute, backend, DType, image, tf } from "../../tensorflow/mod.ts";

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** A JPEG file of one pixel up to its first scan, whose size can be asked for. */
const PIXEL = Uint8Array.fromHex("ffd8ffc0000b080001000101011100ffda0008010100003f00");

/**
 * The bytes of a JPEG or PNG file, in the function of a data set. At more than `image.maxPixels()` by its
 * header the element fails, before it is decoded.
 */
export function withinPixelLimit(bytes: tf.Tensor): tf.Tensor {
  const head = run(
    "StringJoin",
    [attribute.int("N", 2)],
    part(bytes, 0, 24),
    text(new Uint8Array(24)),
  );
  const isPng = run("Equal", [attribute.type("T", DType.string)], part(head, 0, 8), text(PNG));
  const jpeg = run("Select", [attribute.type("T", DType.string)], isPng, text(PIXEL), bytes);
  const shape = run("ExtractJpegShape", [attribute.type("output_type", DType.int32)], jpeg);
  const sizes = run("DecodeRaw", [
    attribute.type("out_type", DType.int32),
    attribute.bool("little_endian", false),
  ], part(head, 16, 8));
  const pixels = tf.where(isPng, pngPixels(sizes), jpegPixels(shape));
  return part(bytes, zeroWithin(pixels), 2 ** 31 - 1);
}

/** The shape of a JPEG, int32 [3], which nothing can be cropped to that has more pixels. */
export function shapeWithinLimit(shape: tf.Tensor): tf.Tensor {
  return tf.add(shape, zeroWithin(jpegPixels(shape)));
}

/** An int32 that is 0, or fails. */
function zeroWithin(pixels: tf.Tensor): tf.Tensor {
  const limit = image.maxPixels();
  const attributes = [
    attribute.type("T", DType.float32),
    attribute.string(
      "message",
      `The image has more than ${limit} pixels, the limit that SAM_MAX_PIXELS can raise`,
    ),
  ];
  const zero = tf.where(tf.lessEqual(pixels, limit), tf.scalar(0), tf.scalar(NaN));
  return run("CheckNumerics", attributes, zero).toInt();
}

/** Its sizes have 16 bits. */
function jpegPixels(shape: tf.Tensor): tf.Tensor {
  return tf.prod(tf.slice(shape, [0], [2]).toFloat());
}

/** Infinity for sizes beyond int32, which are negative here. */
function pngPixels(sizes: tf.Tensor): tf.Tensor {
  const isNegative = tf.less(tf.min(sizes), tf.scalar(0, "int32"));
  return tf.where(isNegative, tf.scalar(Infinity), tf.prod(sizes.toFloat()));
}

function part(bytes: tf.Tensor, from: number | tf.Tensor, count: number): tf.Tensor {
  const position = typeof from === "number" ? tf.scalar(from, "int32") : from;
  const length = tf.scalar(count, "int32");
  return run("Substr", [attribute.type("T", DType.int32)], bytes, position, length);
}

function text(bytes: Uint8Array): tf.Tensor {
  return tf.tensor([bytes] as unknown as string[], [], "string");
}

function run(type: string, attributes: readonly Attribute[], ...inputs: tf.Tensor[]): tf.Tensor {
  return backend.run(type, attributes, inputs)[0]!;
}
