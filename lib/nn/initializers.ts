/** Initial values of parameters: functions of a seed and a shape. */
import { random, tf } from "../tensorflow/mod.ts";

/** Draws the initial value of a parameter, float32. */
export type Initializer = (seed: random.Seed, shape: readonly number[]) => tf.Tensor;

/** The standard deviation of a unit normal that is cut off at ±2. */
const UNIT_CUT_OFF = 0.87962566103423978;

function fanOut(shape: readonly number[]): number {
  return [...shape.slice(0, -2), ...shape.slice(-1)].reduce((a, b) => a * b, 1);
}

/**
 * Zeros, as of biases.
 *
 * ```ts
 * import { nn, random } from "sam";
 *
 * console.log(nn.zeros(random.seed(0), [3]).dataSync()); // 0, 0, 0
 * ```
 */
export const zeros: Initializer = (_seed, shape) => tf.zeros([...shape]);

/**
 * Ones, as of the scales of batch norm.
 *
 * ```ts
 * import { nn, random } from "sam";
 *
 * console.log(nn.ones(random.seed(0), [3]).dataSync()); // 1, 1, 1
 * ```
 */
export const ones: Initializer = (_seed, shape) => tf.ones([...shape]);

/**
 * Normal with variance 2 / fan_out, where fan_out = height · width · output channels of a kernel
 * [height, width, input channels, output channels], and the outputs of a kernel [inputs, outputs].
 *
 * Source: `conv_kernel_init_fn` in `models/utils.py` of the reference; He et al. 2015, section 2.2.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn, random } from "sam";
 *
 * // What a layer draws its kernel by; `nn.convolution(scope, images, 32, { initializer })` takes it.
 * const kernel = nn.heNormalFanOut(random.seed(0), [3, 3, 16, 32]);
 * assertEquals(kernel.shape, [3, 3, 16, 32]);
 * ```
 */
export const heNormalFanOut: Initializer = (seed, shape) =>
  random.normal(seed, shape, 0, Math.sqrt(2 / fanOut(shape)));

/**
 * The same variance, from a normal distribution cut off at two of its standard deviations.
 *
 * ```ts
 * import { nn, random } from "sam";
 *
 * console.log(nn.heTruncatedFanOut(random.seed(0), [3, 3, 16, 32]).shape); // 3, 3, 16, 32
 * ```
 *
 * Source: `conv_kernel_init_fn` in `efficientnet/efficientnet.py` of the reference.
 */
export const heTruncatedFanOut: Initializer = (seed, shape) =>
  random.truncatedNormal(seed, shape, 0, Math.sqrt(2 / fanOut(shape)) / UNIT_CUT_OFF);

/**
 * Normal, cut off at two standard deviations, with variance 1 / fan_in, where fan_in = height · width ·
 * input channels of a kernel.
 *
 * ```ts
 * import { nn, random } from "sam";
 *
 * console.log(nn.lecunNormal(random.seed(0), [3, 3, 16, 32]).shape); // 3, 3, 16, 32
 * ```
 *
 * Source: `jax.nn.initializers.lecun_normal`, the default of `flax.nn.Conv` and `flax.nn.Dense`.
 */
export const lecunNormal: Initializer = (seed, shape) => {
  const fanIn = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  return random.truncatedNormal(seed, shape, 0, Math.sqrt(1 / fanIn) / UNIT_CUT_OFF);
};

/**
 * Uniform in ±1/√outputs for a kernel [inputs, outputs].
 *
 * ```ts
 * import { nn, random } from "sam";
 *
 * console.log(nn.uniformFanOut(random.seed(0), [64, 10]).shape); // 64, 10
 * ```
 *
 * Source: `dense_layer_init_fn` in `models/utils.py` of the reference, which counts outputs, not
 * inputs.
 */
export const uniformFanOut: Initializer = (seed, shape) => {
  const bound = 1 / Math.sqrt(shape.at(-1) ?? 1);
  return random.uniform(seed, shape, -bound, bound);
};
