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
import { type Attribute, attribute, DType } from "./native/mod.ts";
import { backend } from "./backend/mod.ts";

/** Two int32. */
export type Seed = tf.Tensor1D;

/** `Algorithm::RNG_ALG_PHILOX`, which is the same on every device. */
const PHILOX = 1;

/**
 * A seed from a number.
 *
 * ```ts
 * import { random } from "sam";
 *
 * console.log(random.seed(7).dataSync()); // 0, 7
 * ```
 *
 * @throws RangeError unless it is an integer that fits int32
 */
export function seed(value: number): Seed {
  requireInt32("seed with", value);
  return tf.tensor1d([0, value], "int32");
}

/**
 * A new seed from `from` and an integer, such as a step or the hash of a name.
 *
 * ```ts
 * import { random } from "sam";
 *
 * const run = random.seed(0);
 * const [first, second] = [0, 1].map((step) => random.normal(random.foldIn(run, step), [3]));
 * console.log(first!.dataSync(), second!.dataSync()); // others at each step, the same in each run
 * ```
 *
 * @throws RangeError unless a number is an integer that fits int32
 */
export function foldIn(from: Seed, data: number | tf.Tensor): Seed {
  if (typeof data === "number") requireInt32("fold into a seed the number", data);
  return tf.tidy(() => {
    const other = typeof data === "number" ? tf.scalar(data, "int32") : data;
    const drawn = draw("StatelessRandomUniformFullIntV2", from, [], DType.int32);
    return tf.stack([drawn, other.reshape([])]) as Seed;
  });
}

/**
 * `count` independent new seeds, as an int32 tensor of shape [count, 2].
 *
 * ```ts
 * import { random, tf } from "sam";
 *
 * const [dropout, noise] = tf.unstack(random.split(random.seed(0))) as random.Seed[];
 * console.log(random.uniform(dropout!, [2]).shape, random.uniform(noise!, [2]).shape);
 * ```
 *
 * @throws RangeError unless the count is a positive integer
 */
export function split(from: Seed, count = 2): tf.Tensor2D {
  if (!(Number.isInteger(count) && count > 0)) {
    throw new RangeError(`Cannot split a seed into ${count}: it must be a positive integer`);
  }
  return draw("StatelessRandomUniformFullIntV2", from, [count, 2], DType.int32) as tf.Tensor2D;
}

/**
 * float32 uniform in [min, max).
 *
 * ```ts
 * import { random } from "sam";
 *
 * const values = random.uniform(random.seed(0), [1000], -1, 1).dataSync();
 * console.log(values.every((value) => value >= -1 && value < 1)); // true
 * ```
 *
 * @throws RangeError unless max is above min and both are finite
 */
export function uniform(from: Seed, shape: readonly number[], min = 0, max = 1): tf.Tensor {
  if (!(max > min && max - min < Infinity)) {
    throw new RangeError(`Cannot draw from [${min}, ${max}): max must be above min, both finite`);
  }
  return tf.tidy(() => {
    const unit = draw("StatelessRandomUniformV2", from, shape, DType.float32);
    if (min === 0 && max === 1) return unit;
    // In float32 at each step, as TensorFlow does.
    return unit.mul(Math.fround(max) - Math.fround(min)).add(min);
  });
}

/**
 * float32 normal.
 *
 * ```ts
 * import { random, tf } from "sam";
 *
 * const { mean, variance } = tf.moments(random.normal(random.seed(0), [10_000], 5, 2));
 * console.log(mean.dataSync()[0], variance.dataSync()[0]); // about 5 and 4
 * ```
 */
export function normal(
  from: Seed,
  shape: readonly number[],
  mean = 0,
  standardDeviation = 1,
): tf.Tensor {
  return scaled("StatelessRandomNormalV2", from, shape, mean, standardDeviation);
}

/**
 * float32 normal, drawn again where it is more than two standard deviations from the mean.
 *
 * ```ts
 * import { random } from "sam";
 *
 * const values = random.truncatedNormal(random.seed(0), [1000]).dataSync();
 * console.log(values.every((value) => Math.abs(value) <= 2)); // true
 * ```
 */
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
 * ```ts
 * import { random } from "sam";
 *
 * const kept = random.bernoulli(random.seed(0), [1000], 0.8);
 * console.log(kept.dtype, kept.sum().dataSync()[0]); // bool, about 800
 * ```
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
 * ```ts
 * import { random } from "sam";
 *
 * const dice = random.integers(random.seed(0), [100], 1, 7);
 * console.log(dice.dtype, dice.min().dataSync()[0], dice.max().dataSync()[0]); // int32 1 6
 * ```
 *
 * @throws RangeError unless max is above min and both are integers that fit int32
 */
export function integers(
  from: Seed,
  shape: readonly number[],
  min: number,
  max: number,
): tf.Tensor {
  requireInt32("draw integers from", min);
  requireInt32("draw integers below", max);
  if (!(max > min)) {
    throw new RangeError(`Cannot draw integers from [${min}, ${max}): max must be above min`);
  }
  return tf.tidy(() => {
    const bounds = [tf.scalar(min, "int32"), tf.scalar(max, "int32")];
    return draw("StatelessRandomUniformIntV2", from, shape, DType.int32, bounds);
  });
}

function requireInt32(action: string, value: number): void {
  if ((value | 0) !== value) {
    throw new RangeError(`Cannot ${action} ${value}: it must be an integer of 32 bits`);
  }
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
  const sizes = shape.every((size) => Number.isInteger(size) && size >= 0);
  if (!sizes) throw new RangeError(`Cannot draw numbers of shape [${shape}]: sizes must be >= 0`);
  const { binding } = backend;
  binding.requireResult(type, shape, dtype);
  shape.forEach((size) => requireInt32("draw numbers of a shape with", size));
  return tf.tidy(() => {
    const [seedId] = backend.getInputTensorIds([from]);
    const seedType = [attribute.type("Tseed", DType.int32)];
    const state = binding.executeOp("StatelessRandomGetKeyCounter", seedType, [seedId!], 2);
    try {
      const constants = [tf.tensor1d([...shape], "int32"), tf.scalar(PHILOX, "int32"), ...bounds];
      const [shapeId, algorithmId, ...boundIds] = backend.getInputTensorIds(constants);
      const attributes: Attribute[] = [
        attribute.type("dtype", dtype),
        attribute.type("Tshape", DType.int32),
      ];
      const inputs = [shapeId!, ...state.map(({ id }) => id), algorithmId!, ...boundIds];
      const [drawn] = binding.executeOp(type, attributes, inputs, 1);
      return backend.createOutputTensor(drawn!);
    } finally {
      state.forEach(({ id }) => binding.deleteTensor(id));
    }
  });
}
