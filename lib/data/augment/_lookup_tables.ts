import { tf } from "../../tensorflow/mod.ts";
import { blend } from "./_blend.ts";
import type { Operation } from "./operation.ts";

/** Values of a pixel. */
const LEVELS = 256;

/** What the tables of a batch are made of. */
interface Histograms {
  /** How many pixels have each value, int32 [batch, channels, 256]. */
  readonly counts: tf.Tensor;
  /** Pixels of an image. */
  readonly pixels: number;
  /** float32 [batch, 1, 1]: the operation's setting. */
  readonly value: tf.Tensor;
  /** 0 to 255, int32 [1, 1, 256]. */
  readonly identity: tf.Tensor;
}

/** Gives what each value becomes, int32 [batch, channels, 256] or broadcastable to it. */
type Table = (histograms: Histograms) => tf.Tensor;

/** The operations that change a pixel by its value alone, given the image's histogram. */
export const TABLES: readonly (readonly [Operation, Table])[] = [
  ["AutoContrast", autoContrast],
  ["Equalize", equalize],
  ["Invert", ({ identity }) => tf.sub(int32(255), identity)],
  ["Posterize", posterize],
  ["Solarize", solarize],
  ["SolarizeAdd", solarizeAdd],
  ["Contrast", contrast],
  ["Brightness", ({ identity, value }) => blend(tf.zerosLike(identity), identity, value)],
];

/**
 * Replaces pixels by tables.
 *
 * @param tables with the images that they are for, bool [batch]; other images stay as they are
 * @param values the operations' settings, float32 [batch]
 */
export function lookUp(
  images: tf.Tensor,
  tables: readonly { readonly table: Table; readonly chosen: tf.Tensor }[],
  values: tf.Tensor,
): tf.Tensor {
  const [batch, height, width, channels] = images.shape as [number, number, number, number];
  const pixels = height * width;
  const rows = tf.range(0, channels, 1, "int32").add(
    tf.range(0, batch, 1, "int32").mul(int32(channels)).reshape([-1, 1, 1]),
  );
  // Where each pixel's value stands in the tables of its image and channel, one after another.
  const positions = images.reshape([-1, pixels, channels]).add(rows.mul(int32(LEVELS)));
  const counts = tf.bincount(
    positions.reshape([-1]) as tf.Tensor1D,
    tf.tensor1d([]),
    batch * channels * LEVELS,
  )
    .toInt().reshape([-1, channels, LEVELS]);
  const identity = tf.range(0, LEVELS, 1, "int32").reshape([1, 1, LEVELS]);
  const histograms = { counts, pixels, value: values.reshape([-1, 1, 1]), identity };
  let all: tf.Tensor = tf.tile(identity, [batch, channels, 1]);
  for (const { table, chosen } of tables) {
    all = tf.where(chosen.reshape([-1, 1, 1]), table(histograms), all);
  }
  return tf.gather(all.reshape([-1]), positions.reshape([-1]) as tf.Tensor1D)
    .reshape(images.shape);
}

/** Stretches each channel from its smallest and largest value to 0 and 255. */
function autoContrast({ counts, identity }: Histograms): tf.Tensor {
  const there = tf.greater(counts, int32(0));
  const low = tf.min(tf.where(there, identity, int32(255)), 2, true).toFloat();
  const high = tf.max(tf.where(there, identity, int32(0)), 2, true).toFloat();
  const scale = tf.div(255, tf.sub(high, low));
  const offset = tf.mul(tf.neg(low), scale);
  const stretched = tf.add(tf.mul(identity.toFloat(), scale), offset);
  const hasRange = tf.greater(high, low);
  const table = tf.clipByValue(tf.where(hasRange, stretched, identity.toFloat()), 0, 255).toInt();
  return tf.where(hasRange, table, identity);
}

/** Spreads each channel's values so that all are as frequent. */
function equalize({ counts, pixels, identity }: Histograms): tf.Tensor {
  const total = tf.cumsum(counts, 2);
  // The count of the largest value that there is.
  const isLast = tf.logicalAnd(tf.equal(total, int32(pixels)), tf.greater(counts, int32(0)));
  const last = tf.sum(tf.where(isLast, counts, int32(0)), 2, true);
  const step = tf.floorDiv(tf.sub(int32(pixels), last), int32(255));
  const safe = tf.maximum(step, int32(1));
  const sums = tf.floorDiv(tf.add(total, tf.floorDiv(safe, int32(2))), safe);
  const shifted = tf.pad(tf.slice(sums, [0, 0, 0], [-1, -1, LEVELS - 1]), [[0, 0], [0, 0], [1, 0]]);
  const table = tf.minimum(tf.maximum(shifted, int32(0)), int32(255));
  return tf.where(tf.equal(step, int32(0)), identity, table);
}

/** Keeps the upper bits; with 0 bits the reference keeps one, as it shifts by 7 places at most. */
function posterize({ identity, value }: Histograms): tf.Tensor {
  const shift = tf.clipByValue(tf.sub(8, value), 0, 7);
  const unit = tf.round(tf.pow(2, shift)).toInt();
  return tf.mul(tf.floorDiv(identity, unit), unit);
}

/** Inverts values from the threshold on, which is a byte in the reference: 256 is 0 there. */
function solarize({ identity, value }: Histograms): tf.Tensor {
  const threshold = tf.mod(value, LEVELS);
  return tf.where(
    tf.less(identity.toFloat(), threshold),
    identity,
    tf.sub(int32(255), identity),
  );
}

/** Adds to values below 128. */
function solarizeAdd({ identity, value }: Histograms): tf.Tensor {
  const added = tf.minimum(tf.add(identity, value.toInt()), int32(255));
  return tf.where(tf.less(identity, int32(128)), added, identity);
}

/** Blends with a gray that the reference computes from the number of pixels, not of their values. */
function contrast({ identity, pixels, value }: Histograms): tf.Tensor {
  const gray = int32(Math.min(255, Math.floor(pixels / LEVELS)));
  return blend(tf.add(tf.zerosLike(identity), gray), identity, value);
}

function int32(value: number): tf.Scalar {
  return tf.scalar(value, "int32");
}
