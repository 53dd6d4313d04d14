import { tf } from "../tensorflow/mod.ts";
import { checkRank, checkSizes, IMAGES } from "./_check.ts";
import { heNormalFanOut, type Initializer, zeros } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/** Options of {@linkcode convolution}. */
export interface ConvolutionOptions {
  /** Height and width of the kernel; default 3. */
  readonly kernelSize?: number;
  /** In height and width; default 1. */
  readonly strides?: number;
  /**
   * As in TensorFlow: zeros such that strides of 1 keep the size (default), none, or this many on
   * every side.
   */
  readonly padding?: "same" | "valid" | number;
  /** Whether the parameter `bias` [channels], zero at first, is added; default false. */
  readonly bias?: boolean;
  /** Default: He's normal by fan-out, as in the reference. */
  readonly initializer?: Initializer;
}

/**
 * A convolution of `input` [batch, height, width, channels] to `channels`, with the
 * parameter `kernel` [height, width, input channels, channels].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn } from "sam";
 *
 * const layer = nn.model((scope, images) => nn.convolution(scope, images, 16, { strides: 2 }));
 * const { params, output } = layer.shapes([8, 32, 32, 3]);
 * assertEquals([...params], [["kernel", [3, 3, 3, 16]]]);
 * assertEquals(output, [8, 16, 16, 16]);
 * ```
 *
 * @throws RangeError for sizes that are not positive integers, or an input that is not of rank 4
 */
export function convolution(
  scope: Scope,
  input: tf.Tensor,
  channels: number,
  options: ConvolutionOptions = {},
): tf.Tensor4D {
  const { kernelSize = 3, strides = 1, padding = "same", bias = false } = options;
  const { initializer = heNormalFanOut } = options;
  checkSizes("convolve", { channels, kernelSize, strides });
  checkRank("convolve", input, IMAGES);
  const shape = [kernelSize, kernelSize, input.shape[3]!, channels];
  return scope.layer(scope.eachGroup(input, (scope, input) => {
    const kernel = scope.param("kernel", shape, initializer);
    const output = tf.conv2d(input as tf.Tensor4D, kernel as tf.Tensor4D, strides, padding);
    return bias ? tf.add(output, scope.param("bias", [channels], zeros)) : output;
  }));
}
