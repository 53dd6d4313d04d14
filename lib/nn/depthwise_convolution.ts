import { tf } from "../tensorflow/mod.ts";
import { checkRank, checkSizes, IMAGES } from "./_check.ts";
import { heNormalFanOut, type Initializer } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/** Options of {@linkcode depthwiseConvolution}. */
export interface DepthwiseConvolutionOptions {
  /** Height and width of the kernel; default 3. */
  readonly kernelSize?: number;
  /** In height and width; default 1. */
  readonly strides?: number;
  readonly initializer?: Initializer;
}

/**
 * A convolution of each channel of `input` [batch, height, width, channels] by itself, padded by zeros
 * so that strides of 1 keep the size, with the parameter `depthwise_kernel` [height, width, channels,
 * 1].
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn } from "sam";
 *
 * const layer = nn.model((scope, images) => nn.depthwiseConvolution(scope, images));
 * const { params, output } = layer.shapes([8, 32, 32, 3]);
 * assertEquals([...params], [["depthwise_kernel", [3, 3, 3, 1]]]);
 * assertEquals(output, [8, 32, 32, 3]);
 * ```
 *
 * @throws RangeError for sizes that are not positive integers, or an input that is not of rank 4
 */
export function depthwiseConvolution(
  scope: Scope,
  input: tf.Tensor,
  { kernelSize = 3, strides = 1, initializer = heNormalFanOut }: DepthwiseConvolutionOptions = {},
): tf.Tensor4D {
  checkSizes("convolve", { kernelSize, strides });
  checkRank("convolve", input, IMAGES);
  const shape = [kernelSize, kernelSize, input.shape[3]!, 1];
  return scope.layer(scope.eachGroup(input, (scope, input) => {
    const kernel = scope.param("depthwise_kernel", shape, initializer) as tf.Tensor4D;
    return tf.depthwiseConv2d(input as tf.Tensor4D, kernel, strides, "same");
  }));
}
