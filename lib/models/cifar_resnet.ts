import {
  batchNorm,
  convolution,
  dense,
  globalAveragePool,
  type Model,
  model,
  relu,
  type Scope,
} from "../nn/mod.ts";
import { tf } from "../tensorflow/mod.ts";
import { blocksOf, checkPositive } from "./_check_size.ts";

/** Sizes of a residual network for small images. */
export interface CifarResNetOptions {
  /** 6 · blocks + 2: 20, 32, 44, 56, 110, … */
  readonly depth: number;
  readonly classes: number;
  /** Whether blocks add their input; default true. Without it, this is the plain network. */
  readonly skipConnections?: boolean;
}

/**
 * The residual network of He et al. for images [batch, height, width, channels] of CIFAR's size,
 * ResNet-32 for depth 32; it gives logits [batch, classes]. The paper of SAM trains ResNet-32 with
 * noisy labels (table 4), and shows the loss around ResNet-56 without skip connections (figure 1).
 *
 * Shortcuts have no parameters: where the size changes, every second pixel and channels of zeros.
 *
 * Source: He et al. 2015, section 4.2, "option A"; without skip connections: Li et al. 2018,
 * ResNet-56-noshort. The reference has no code for it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "sam";
 *
 * const model = models.cifarResNet({ depth: 32, classes: 10 });
 * assertEquals(model.shapes([8, 32, 32, 3]).output, [8, 10]);
 * ```
 *
 * @throws RangeError for a depth that is not 6 · blocks + 2, or classes that are not a positive integer
 */
export function cifarResNet(
  { depth, classes, skipConnections = true }: CifarResNetOptions,
): Model {
  const blocks = blocksOf("a ResNet for CIFAR", depth, 6, 2);
  checkPositive("a ResNet for CIFAR", { classes });
  return model((scope, images) => {
    let x: tf.Tensor = convolution(scope.child("init_conv"), images, 16);
    x = relu(batchNorm(scope.child("init_bn"), x));
    for (const [group, channels] of [16, 32, 64].entries()) {
      for (let i = 0; i < blocks; i++) {
        const strides = group > 0 && i === 0 ? 2 : 1;
        x = block(scope.numbered("ResnetBlock"), x, channels, strides, skipConnections);
      }
    }
    return dense(scope.numbered("Dense"), globalAveragePool(x), classes);
  });
}

function block(
  scope: Scope,
  x: tf.Tensor,
  channels: number,
  strides: number,
  skip: boolean,
): tf.Tensor {
  let y: tf.Tensor = convolution(scope.child("conv1"), x, channels, { strides });
  y = relu(batchNorm(scope.child("bn_1"), y));
  y = convolution(scope.child("conv2"), y, channels);
  y = batchNorm(scope.child("bn_2"), y);
  return relu(skip ? tf.add(y, shortcut(x, channels, strides)) : y);
}

function shortcut(x: tf.Tensor, channels: number, strides: number): tf.Tensor {
  const missing = channels - x.shape[3]!;
  // Every second pixel, by an operation that has a gradient.
  const pixels = strides === 1 ? x : tf.avgPool(x as tf.Tensor4D, 1, strides, "valid");
  return missing === 0 ? pixels : tf.pad(pixels, [[0, 0], [0, 0], [0, 0], [0, missing]]);
}
