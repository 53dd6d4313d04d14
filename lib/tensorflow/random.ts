/**
 * Random numbers from a seed that is passed in: the same seed gives the same numbers, eager or
 * compiled, on every device. There is no global generator.
 *
 * A seed is a tensor of two int32. Numbers equal those of TensorFlow's Python functions
 * (`tf.random.stateless_*`, `tf.random.split`, `tf.random.fold_in`).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type Attribute, attribute } from "./_attributes.ts";
import { DType } from "./_dtypes.ts";
import { backend } from "./backend.ts";

/** Two int32. */
export type Seed = tf.Tensor1D;

/** `Algorithm::RNG_ALG_PHILOX`, which is the same on every device. */
const PHILOX = 1;

/**
 * A seed from a number.
 *
 * @throws RangeError unless it is an integer that fits int32
 */
export function seed(value: number): Seed {
  if ((value | 0) !== value) {
    throw new RangeError(`Cannot seed with ${value}: it must be an integer of 32 bits`);
  }
  return tf.tensor1d([0, value], "int32");
}

/** A new seed from `from` and a number, such as a step or the hash of a name. */
export function foldIn(from: Seed, data: number | tf.Tensor): Seed {
  return tf.tidy(() => {
    const other = typeof data === "number" ? tf.scalar(data, "int32") : data;
    const drawn = draw("StatelessRandomUniformFullIntV2", from, [], DType.int32);
    return tf.stack([drawn, other.reshape([])]) as Seed;
  });
}

/** `count` independent new seeds, as an int32 tensor of shape [count, 2]. */
export function split(from: Seed, count = 2): tf.Tensor2D {
  return draw("StatelessRandomUniformFullIntV2", from, [count, 2], DType.int32) as tf.Tensor2D;
}

/** float32 uniform in [min, max). */
export function uniform(from: Seed, shape: readonly number[], min = 0, max = 1): tf.Tensor {
  return tf.tidy(() => {
    const unit = draw("StatelessRandomUniformV2", from, shape, DType.float32);
    return min === 0 && max === 1 ? unit : unit.mul(max - min).add(min);
  });
}

/** float32 normal. */
export function normal(
  from: Seed,
  shape: readonly number[],
  mean = 0,
  standardDeviation = 1,
): tf.Tensor {
  return scaled("StatelessRandomNormalV2", from, shape, mean, standardDeviation);
}

/** float32 normal, drawn again where it is more than two standard deviations from the mean. */
export function truncatedNormal(
  from: Seed,
  shape: readonly number[],
  mean = 0,
  standardDeviation = 1,
): tf.Tensor {
  return scaled("StatelessTruncatedNormalV2", from, shape, mean, standardDeviation);
}

/**
 * bool, true with the given probability.
 *
 * @throws RangeError unless the probability is in [0, 1]
 */
export function bernoulli(
  from: Seed,
  shape: readonly number[],
  probability: number | tf.Tensor = 0.5,
): tf.Tensor {
  if (typeof probability === "number" && !(probability >= 0 && probability <= 1)) {
    throw new RangeError(`Cannot draw with probability ${probability}: it must be in [0, 1]`);
  }
  return tf.tidy(() => tf.less(uniform(from, shape), probability));
}

/**
 * int32 uniform in [min, max).
 *
 * @throws RangeError if max is not above min
 */
export function integers(
  from: Seed,
  shape: readonly number[],
  min: number,
  max: number,
): tf.Tensor {
  if (!(max > min)) {
    throw new RangeError(`Cannot draw integers from [${min}, ${max}): max must be above min`);
  }
  return tf.tidy(() => {
    const bounds = [tf.scalar(min, "int32"), tf.scalar(max, "int32")];
    return draw("StatelessRandomUniformIntV2", from, shape, DType.int32, bounds);
  });
}

function scaled(
  type: string,
  from: Seed,
  shape: readonly number[],
  mean: number,
  standardDeviation: number,
): tf.Tensor {
  return tf.tidy(() => {
    const standard = draw(type, from, shape, DType.float32);
    if (mean === 0 && standardDeviation === 1) return standard;
    return standard.mul(standardDeviation).add(mean);
  });
}

/** The operations take a key and a counter of uint64, which TensorFlow.js does not have. */
function draw(
  type: string,
  from: Seed,
  shape: readonly number[],
  dtype: number,
  bounds: readonly tf.Tensor[] = [],
): tf.Tensor {
  return tf.tidy(() => {
    const { binding } = backend;
    const [seedId] = backend.getInputTensorIds([from]);
    const seedType = [attribute.type("Tseed", DType.int32)];
    const [key, counter] = binding.executeOp(
      "StatelessRandomGetKeyCounter",
      seedType,
      [seedId!],
      2,
    );
    const [shapeId, algorithmId, ...boundIds] = backend.getInputTensorIds([
      tf.tensor1d([...shape], "int32"),
      tf.scalar(PHILOX, "int32"),
      ...bounds,
    ]);
    const attributes: Attribute[] = [
      attribute.type("dtype", dtype),
      attribute.type("Tshape", DType.int32),
    ];
    const inputs = [shapeId!, key!.id, counter!.id, algorithmId!, ...boundIds];
    const [drawn] = binding.executeOp(type, attributes, inputs, 1);
    binding.deleteTensor(key!.id);
    binding.deleteTensor(counter!.id);
    return backend.createOutputTensor(drawn!);
  });
}
