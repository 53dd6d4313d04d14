/**
 * Encoded images to pixels of a given size, as functions for data sets (they are traced, never run by
 * themselves). Grayscale and CMYK images become RGB.
 *
 * Source: `datasets/imagenet/input_pipeline.py` of the reference, after EfficientNet's
 * preprocessing.
 *
 * @module
 */
import { type Attribute, attribute, backend, DType, random, tf } from "../tensorflow/mod.ts";
import { shapeWithinLimit, withinPixelLimit } from "./_pixel_limit.ts";

/** Crops of Szegedy et al. 2015: share of the image's area, and width over height. */
const AREA = [0.08, 1], ASPECT = [3 / 4, 4 / 3];
/** The least share of the image that a crop has, of so many tries. */
const LEAST = 0.1, TRIES = 10;
/** The crop that is evaluated is of an image that is so many pixels larger. */
const PADDING = 32;

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

/**
 * A crop of random place, size and aspect, resized to [size, size, 3] and flipped with probability ½;
 * float32 in 0..255.
 */
export function decodeRandomCrop(
  bytes: tf.Tensor,
  seed: random.Seed,
  options: DecodeOptions,
): tf.Tensor {
  const file = open(bytes, options);
  const [boxSeed, flipSeed] = random.split(seed).unstack() as [random.Seed, random.Seed];
  const [begin, extent] = backend.run(
    "StatelessSampleDistortedBoundingBox",
    [
      attribute.type("T", DType.int32),
      attribute.type("Tseed", DType.int32),
      attribute.float("aspect_ratio_range", ASPECT),
      attribute.float("area_range", AREA),
      attribute.int("max_attempts", TRIES),
      attribute.bool("use_image_if_no_bounding_boxes", true),
    ],
    [file.shape, tf.tensor3d([0, 0, 1, 1], [1, 1, 4]), tf.scalar(LEAST), boxSeed],
    3,
  );
  const first = (sizes: tf.Tensor) => tf.slice(sizes as tf.Tensor1D, [0], [2]);
  const image = resized(file.crop(first(begin!), first(extent!)), options);
  const flips = tf.less(random.uniform(flipSeed, []), 0.5);
  // Not `tf.where`, which would spread the one condition over all pixels.
  const type = [attribute.type("T", DType.float32)];
  return backend.run("Select", type, [flips, tf.reverse(image, 1), image], 1)[0]!;
}

/** The crop in the middle that is evaluated, resized to [size, size, 3]; float32 in 0..255. */
export function decodeCenterCrop(bytes: tf.Tensor, options: DecodeOptions): tf.Tensor {
  const file = open(bytes, options);
  const sizes = tf.slice(file.shape as tf.Tensor1D, [0], [2]);
  const { begin, side } = centerCrop(sizes, options.size);
  return resized(file.crop(begin, tf.stack([side, side])), options);
}

/**
 * Where the crop in the middle lies: it has size / (size + 32) of the shorter side.
 *
 * @param sizes height and width, int32 [2]
 */
export function centerCrop(sizes: tf.Tensor, size: number) {
  // In whole numbers, lest rounding lose a pixel.
  const side = tf.floorDiv(
    tf.mul(tf.min(sizes), tf.scalar(size, "int32")),
    tf.scalar(size + PADDING, "int32"),
  );
  const spare = tf.sub(sizes, side).add(tf.scalar(1, "int32"));
  return { begin: tf.floorDiv(spare, tf.scalar(2, "int32")), side };
}

/** An image whose size is known, and of which a part can be decoded. */
interface EncodedImage {
  /** Height, width and channels, int32 [3]. */
  readonly shape: tf.Tensor;
  /** A handle of uint8 [height, width, 3]; begin and extent are int32 [2]. */
  crop(begin: tf.Tensor, extent: tf.Tensor): number;
}

const UINT8 = attribute.type("T", DType.uint8);
const CHANNELS = attribute.int("channels", 3);

function open(encoded: tf.Tensor, { allJpeg }: DecodeOptions): EncodedImage {
  if (allJpeg) {
    const bytes = idOf(encoded);
    const type = attribute.type("output_type", DType.int32);
    return {
      shape: shapeWithinLimit(tensor("ExtractJpegShape", [type], [bytes])),
      crop(begin, extent) {
        const window = tf.concat([begin, extent] as tf.Tensor1D[]);
        return run("DecodeAndCropJpeg", [CHANNELS], [bytes, idOf(window)]).id;
      },
    };
  }
  const image = run("DecodeImage", [
    CHANNELS,
    attribute.type("dtype", DType.uint8),
    attribute.bool("expand_animations", false),
  ], [idOf(withinPixelLimit(encoded))]);
  return {
    shape: tensor("Shape", [UINT8, attribute.type("out_type", DType.int32)], [image.id]),
    crop(begin, extent) {
      const all = (sizes: tf.Tensor, last: number) =>
        idOf(tf.concat([sizes, tf.tensor1d([last], "int32")] as tf.Tensor1D[]));
      const types = [UINT8, attribute.type("Index", DType.int32)];
      return run("Slice", types, [image.id, all(begin, 0), all(extent, 3)]).id;
    },
  };
}

/** Bicubic, as `tf.image.resize` without antialiasing. */
function resized(image: number, { size }: DecodeOptions): tf.Tensor {
  const axis = idOf(tf.scalar(0, "int32")), sizes = idOf(tf.tensor1d([size, size], "int32"));
  const batch = run("ExpandDims", [UINT8, attribute.type("Tdim", DType.int32)], [image, axis]);
  const attributes = [
    UINT8,
    attribute.bool("align_corners", false),
    attribute.bool("half_pixel_centers", true),
  ];
  return tensor("ResizeBicubic", attributes, [batch.id, sizes]).reshape([size, size, 3]);
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
