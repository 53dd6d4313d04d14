/**
 * Encoded images to pixels of a given size, as functions for data sets (they are traced, never run by
 * themselves). Grayscale and CMYK images become RGB.
 *
 * Source: `datasets/dataset_source_imagenet.py` of the reference.
 *
 * @module
 */
import {
  type Attribute,
  attribute,
  backend,
  DType,
  type random,
  tf,
} from "../../tensorflow/mod.ts";
import { centerCrop, randomCrop } from "./_crop_window.ts";
import { shapeWithinLimit, withinPixelLimit } from "./_pixel_limit.ts";

/** The bytes of the file at a path, a string. */
export function readFile(path: tf.Tensor): tf.Tensor {
  return tensor("ReadFile", [], [idOf(path)]);
}

/** How images are decoded. */
export interface DecodeOptions {
  /** Height and width of the result. */
  readonly size: number;
  /** Whether all are JPEG. */
  readonly allJpeg: boolean;
}

/** A crop of random place, size and aspect, resized to [size, size, 3]; float32, about 0..255. */
export function decodeRandomCrop(
  bytes: tf.Tensor,
  seed: random.Seed,
  options: DecodeOptions,
): tf.Tensor {
  return decodeCrop(bytes, options, (shape) => randomCrop(shape, options.size, seed));
}

/** The crop in the middle that is evaluated, resized to [size, size, 3]; float32, about 0..255. */
export function decodeCenterCrop(bytes: tf.Tensor, options: DecodeOptions): tf.Tensor {
  return decodeCrop(bytes, options, (shape) => centerCrop(shape, options.size));
}

/**
 * A crop, resized to [size, size, 3]; float32, about 0..255: a bicubic overshoots.
 *
 * @param windowOf gives the crop's first row and column, height and width, int32 [4], for the height,
 *   width and channels of the file's image, int32 [3]; a PNG counts as of three channels
 */
export function decodeCrop(
  bytes: tf.Tensor,
  options: DecodeOptions,
  windowOf: (shape: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  const file = open(bytes, options);
  return resized(file.crop(windowOf(file.shape)), options);
}

/** An image whose size is known, and of which a part can be decoded. */
interface EncodedImage {
  /** Height, width and the file's channels, int32 [3]. */
  readonly shape: tf.Tensor;
  /** A handle of uint8 [height, width, 3], of a window, int32 [4]. */
  crop(window: tf.Tensor): number;
}

const UINT8 = attribute.type("T", DType.uint8);
const CHANNELS = attribute.int("channels", 3);

function open(encoded: tf.Tensor, { allJpeg }: DecodeOptions): EncodedImage {
  if (allJpeg) {
    const bytes = idOf(encoded);
    return {
      shape: shapeWithinLimit(jpegShape(bytes)),
      crop(window) {
        return run("DecodeAndCropJpeg", [CHANNELS], [bytes, idOf(window)]).id;
      },
    };
  }
  const image = run("DecodeImage", [
    CHANNELS,
    attribute.type("dtype", DType.uint8),
    attribute.bool("expand_animations", false),
  ], [idOf(withinPixelLimit(encoded))]);
  const decoded = tensor("Shape", [UINT8, attribute.type("out_type", DType.int32)], [image.id]);
  return {
    shape: tf.concat([first(decoded, 2), channelsOf(idOf(encoded))]),
    crop(window) {
      const all = (sizes: tf.Tensor, last: number) =>
        idOf(tf.concat([sizes, tf.tensor1d([last], "int32")] as tf.Tensor1D[]));
      const types = [UINT8, attribute.type("Index", DType.int32)];
      const extent = tf.slice(window as tf.Tensor1D, [2], [2]);
      return run("Slice", types, [image.id, all(first(window, 2), 0), all(extent, 3)]).id;
    },
  };
}

/** Height, width and channels of a JPEG by its header, int32 [3]. */
function jpegShape(bytes: number): tf.Tensor {
  return tensor("ExtractJpegShape", [attribute.type("output_type", DType.int32)], [bytes]);
}

/** The header of a JPEG of one pixel in three channels: image, frame, scan. */
const COLOUR_HEADER = Uint8Array.of(
  ...[0xff, 0xd8],
  ...[0xff, 0xc0, 0, 17, 8, 0, 1, 0, 1, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0],
  ...[0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0],
);
/** A JPEG's first bytes. */
const JPEG = Uint8Array.of(0xff, 0xd8, 0xff);

/** The channels of a JPEG, 3 of any other file, int32 [1]; without a branch, which costs a function. */
function channelsOf(bytes: number): tf.Tensor1D {
  const text = (bytes: Uint8Array) => backend.binding.createTensor([], DType.string, [bytes]);
  const index = (value: number) => idOf(tf.scalar(value, "int32"));
  const start = run("Substr", [attribute.type("T", DType.int32)], [bytes, index(0), index(3)]);
  const string = [attribute.type("T", DType.string)];
  const isJpeg = run("Equal", string, [start.id, text(JPEG)]);
  const header = run("SelectV2", string, [isJpeg.id, bytes, text(COLOUR_HEADER)]);
  return tf.slice(jpegShape(header.id) as tf.Tensor1D, [2], [1]);
}

/** Bicubic as `tf.compat.v1.image.resize_bicubic`, whose pixels have their centres at whole numbers. */
function resized(image: number, { size }: DecodeOptions): tf.Tensor {
  const axis = idOf(tf.scalar(0, "int32")), sizes = idOf(tf.tensor1d([size, size], "int32"));
  const batch = run("ExpandDims", [UINT8, attribute.type("Tdim", DType.int32)], [image, axis]);
  const attributes = [
    UINT8,
    attribute.bool("align_corners", false),
    attribute.bool("half_pixel_centers", false),
  ];
  return tensor("ResizeBicubic", attributes, [batch.id, sizes]).reshape([size, size, 3]);
}

function first(sizes: tf.Tensor, count: number): tf.Tensor1D {
  return tf.slice(sizes as tf.Tensor1D, [0], [count]);
}

/**
 * An operation of a trace on handles: as tensors of TensorFlow.js, which has no uint8, whole photos
 * would be converted to int32.
 */
function run(type: string, attributes: readonly Attribute[], inputs: readonly number[]) {
  return backend.binding.executeOp(type, attributes, inputs, 1)[0]!;
}

function tensor(
  type: string,
  attributes: readonly Attribute[],
  inputs: readonly number[],
): tf.Tensor {
  return backend.createOutputTensor(run(type, attributes, inputs));
}

function idOf(tensor: tf.Tensor): number {
  return backend.getInputTensorIds([tensor])[0]!;
}
