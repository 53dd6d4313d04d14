import { attribute, backend, DType, tf } from "../../tensorflow/mod.ts";
import { blend, choose } from "./_blend.ts";
import { lookUp, TABLES } from "./_lookup_tables.ts";
import { transformOf } from "./_transforms.ts";
import type { Action, Operation } from "./operation.ts";

/** The value of pixels that come from outside an image. */
const REPLACEMENT = 128;

/** For each image of a batch what is done to it, int32 [batch] each. */
export interface Choices {
  /** Indices of actions. */
  readonly actions: tf.Tensor;
  /** The centre of a cutout. */
  readonly centers: readonly [y: tf.Tensor, x: tf.Tensor];
}

/**
 * Does to each image of a batch what was chosen for it. The operations of the whole batch are a few
 * large ones: everything that goes by a pixel's value is one table per image, everything that moves
 * pixels is one transformation. What no action does takes no time, and most of the rest is done to the
 * images that it is chosen for only; so it can be traced in data sets, whose sizes need not be known, but not in
 * `compile`.
 *
 * Source: `autoaugment/autoaugment.py` of the reference (Cubuk et al. 2019), to the byte.
 *
 * @param images int32 in 0..255, [batch, height, width, channels]
 * @param actions what there is to choose from
 * @returns the same shape and dtype
 */
export function operate(
  images: tf.Tensor,
  actions: readonly Action[],
  { actions: chosen, centers }: Choices,
): tf.Tensor {
  const [, height, width, channels] = images.shape as [number, number, number, number];
  const occurs = (name: Operation) => actions.some(({ operation }) => operation === name);
  return tf.tidy(() => {
    const pick = (table: tf.Tensor) => tf.gather(table, chosen as tf.Tensor1D);
    const is = (name: Operation) =>
      pick(tf.tensor1d(actions.map(({ operation }) => operation === name), "bool"));
    const settings = pick(tf.tensor1d(actions.map(({ setting }) => setting), "float32"));
    let result = images;
    const tables = TABLES.filter(([name]) => occurs(name));
    if (tables.length > 0) {
      const own = tables.map(([name, table]) => ({ table, chosen: is(name) }));
      result = lookUp(result, own, settings);
    }
    const rows = actions.map((action) => transformOf(action, height, width));
    if (rows.some((row) => row !== undefined)) {
      const moves = pick(tf.tensor1d(rows.map((row) => row !== undefined), "bool"));
      const transforms = pick(tf.tensor2d(rows.map((row) => row ?? UNMOVED)));
      result = only(moves, result, [transforms], transformed);
    }
    for (const [name, degenerate] of BLENDED) {
      // A grayscale image has no colour to lose.
      if (!occurs(name) || name === "Color" && channels !== 3) continue;
      const change = (own: tf.Tensor, factors: tf.Tensor) => blend(degenerate(own), own, factors);
      result = only(is(name), result, [settings], change);
    }
    if (occurs("Cutout")) {
      result = only(is("Cutout"), result, [settings, ...centers], cutOut);
    }
    return result;
  });
}

/** Operations that blend an image with what it would be without something. */
const BLENDED = [["Color", grayscale], ["Sharpness", smoothed]] as const;

const UNMOVED = [1, 0, 0, 0, 1, 0, 0, 0];

/**
 * Changes some images of a batch: most operations come to few of them.
 *
 * @param chosen bool [batch]
 * @param settings of all images; those of the chosen ones go to `change`
 */
function only<const Settings extends readonly tf.Tensor[]>(
  chosen: tf.Tensor,
  images: tf.Tensor,
  settings: Settings,
  change: (own: tf.Tensor, ...settings: { [S in keyof Settings]: tf.Tensor }) => tf.Tensor,
): tf.Tensor {
  const [places] = backend.run("Where", [attribute.type("T", DType.bool)], [chosen], 1);
  const indices = places!.reshape([-1]) as tf.Tensor1D;
  const own = change(
    tf.gather(images, indices),
    ...settings.map((setting) => tf.gather(setting, indices)) as {
      [S in keyof Settings]: tf.Tensor;
    },
  );
  return backend.run(
    "TensorScatterUpdate",
    [
      attribute.type("T", DType.int32),
      attribute.type("Tindices", DType.int32),
    ],
    [images, places!, own],
    1,
  )[0]!;
}

function transformed(images: tf.Tensor, transforms: tf.Tensor): tf.Tensor {
  const [, height, width] = images.shape as [number, number, number, number];
  return tf.image.transform(
    images.toFloat() as tf.Tensor4D,
    transforms as tf.Tensor2D,
    "nearest",
    "constant",
    REPLACEMENT,
    [height, width],
  ).toInt();
}

function cutOut(images: tf.Tensor, settings: tf.Tensor, y: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const [, height, width] = images.shape as [number, number, number, number];
  const half = settings.toInt();
  const covered = tf.logicalAnd(
    within(height, y, half).reshape([-1, height, 1, 1]),
    within(width, x, half).reshape([-1, 1, width, 1]),
  );
  return choose(covered, tf.scalar(REPLACEMENT, "int32"), images);
}

/** Whether each position of an axis is in [center − half, center + half), [batch, size]. */
function within(size: number, center: tf.Tensor, half: tf.Tensor): tf.Tensor {
  const distance = tf.sub(tf.range(0, size, 1, "int32"), center.reshape([-1, 1]));
  const reach = half.reshape([-1, 1]);
  return tf.logicalAnd(tf.greaterEqual(distance, tf.neg(reach)), tf.less(distance, reach));
}

/** `tf.image.rgb_to_grayscale` of bytes, in three channels. */
function grayscale(images: tf.Tensor): tf.Tensor {
  const unit = tf.mul(images.toFloat(), 1 / 255);
  const gray = tf.matMul(unit.reshape([-1, 3]), tf.tensor2d([[0.2989], [0.587], [0.114]]));
  // As `tf.image.convert_image_dtype` to uint8.
  const bytes = tf.clipByValue(tf.mul(gray, 255.5), 0, 255).toInt();
  const [, height, width] = images.shape as [number, number, number, number];
  return tf.tile(bytes.reshape([-1, height, width, 1]), [1, 1, 1, 3]);
}

/** So many equal rows make TensorFlow multiply row by row, and not by a dot product. */
const ROWS = 4;

/**
 * The mean of each pixel with its neighbours, itself five times; edges stay.
 *
 * Where the sum is a multiple of 13, the reference's byte depends on how its convolution rounds: it
 * adds the nine products from the top left in one rounding each. A product of matrices does so too;
 * TensorFlow's convolutions do not.
 */
function smoothed(images: tf.Tensor): tf.Tensor {
  const [, height, width, channels] = images.shape as [number, number, number, number];
  const inner = [-1, height - 2, width - 2, channels];
  const float = images.toFloat();
  const neighbours = [0, 1, 2].flatMap((y) =>
    [0, 1, 2].map((x) => tf.slice(float, [0, y, x, 0], inner).reshape([-1]))
  );
  const weights = [1, 1, 1, 1, 5, 1, 1, 1, 1].map((weight) => weight / 13);
  const sums = tf.matMul(tf.tile(tf.tensor2d([weights]), [ROWS, 1]), tf.stack(neighbours));
  const means = tf.clipByValue(tf.slice(sums, [0, 0], [1, -1]), 0, 255).toInt().reshape(inner);
  const isInside = (size: number) => tf.pad(tf.ones([size - 2], "bool"), [[1, 1]]);
  const inside = tf.logicalAnd(
    isInside(height).reshape([1, height, 1, 1]),
    isInside(width).reshape([1, 1, width, 1]),
  );
  return choose(inside, tf.pad(means, [[0, 0], [1, 1], [1, 1], [0, 0]]), images);
}
