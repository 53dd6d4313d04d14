import { tf } from "../tensorflow/mod.ts";
import { heNormalFanOut, type Initializer } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/** Options of {@linkcode convolution}. */
export interface ConvolutionOptions {
  /** Height and width of the kernel; default 3. */
  readonly kernelSize?: number;
  readonly strides?: number;
  readonly padding?: "same" | "valid";
  readonly initializer?: Initializer;
}

/**
 * A convolution without bias of `input` [batch, height, width, channels] to `channels`, with the
 * parameter `kernel` [height, width, input channels, channels].
 */
export function convolution(
  scope: Scope,
  input: tf.Tensor,
  channels: number,
  options: ConvolutionOptions = {},
): tf.Tensor4D {
  const { kernelSize = 3, strides = 1, padding = "same", initializer = heNormalFanOut } = options;
  const shape = [kernelSize, kernelSize, input.shape[3]!, channels];
  const kernel = scope.param("kernel", shape, initializer);
  return tf.conv2d(input as tf.Tensor4D, kernel as tf.Tensor4D, strides, padding);
}
