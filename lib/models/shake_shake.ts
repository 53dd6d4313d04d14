import {
  batchNorm,
  convolution,
  dense,
  globalAveragePool,
  type Model,
  model,
  relu,
  type Scope,
  shakeShakeSum,
} from "../nn/mod.ts";
import { tf } from "../tensorflow/mod.ts";
import { blocksOf, checkPositive } from "./_check_size.ts";

/** Sizes of a Shake-Shake network. */
export interface ShakeShakeOptions {
  /** 6 · blocks + 2: 14, 20, 26, … */
  readonly depth: number;
  /** Channels of each branch in the first group, which double in the second and third: 96 in 26 2×96d. */
  readonly channels: number;
  readonly classes: number;
}

/**
 * A Shake-Shake network of two branches, "26 2×96d" for depth 26 and 96 channels, for images [batch,
 * height, width, channels]; it gives logits [batch, classes].
 *
 * Each block adds two residual branches, mixed by random shares for each example in training.
 *
 * Source: Gastaldi 2017; names, shortcut and initialisation as
 * `sam_jax/models/wide_resnet_shakeshake.py` of the reference, which calls it `WideResnet28x6_ShakeShake`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "sam";
 *
 * const model = models.shakeShake({ depth: 14, channels: 16, classes: 10 });
 * assertEquals(model.shapes([8, 32, 32, 3]).output, [8, 10]);
 * ```
 *
 * @throws RangeError for a depth that is not 6 · blocks + 2, or sizes that are not positive integers
 */
export function shakeShake({ depth, channels, classes }: ShakeShakeOptions): Model {
  const blocks = blocksOf("a Shake-Shake network", depth, 6, 2);
  checkPositive("a Shake-Shake network", { channels, classes });
  return model((scope, images) => {
    let x: tf.Tensor = convolution(scope.child("init_conv"), images, 16);
    x = batchNorm(scope.child("init_bn"), x);
    for (const [index, width] of [channels, 2 * channels, 4 * channels].entries()) {
      const group = scope.numbered("WideResnetShakeShakeGroup");
      for (let i = 0; i < blocks; i++) {
        const strides = index > 0 && i === 0 ? 2 : 1;
        x = block(group.numbered("ShakeShakeBlock"), x, width, strides);
      }
    }
    return dense(scope.numbered("Dense"), globalAveragePool(relu(x)), classes);
  });
}

function block(scope: Scope, x: tf.Tensor, channels: number, strides: number): tf.Tensor {
  const [a, b] = ["a", "b"].map((name) => {
    let branch: tf.Tensor = relu(x);
    branch = convolution(scope.child(`conv_${name}_1`), branch, channels, { strides });
    branch = relu(batchNorm(scope.child(`bn_${name}_1`), branch));
    branch = convolution(scope.child(`conv_${name}_2`), branch, channels);
    return batchNorm(scope.child(`bn_${name}_2`), branch);
  });
  const residual = shortcut(scope.numbered("Shortcut"), x, channels, strides);
  return tf.add(residual, shakeShakeSum(scope, a!, b!));
}

/** Every second pixel, and every second of those between, each through a convolution of its own. */
function shortcut(scope: Scope, x: tf.Tensor, channels: number, strides: number): tf.Tensor {
  const [batch, height, width, inputs] = x.shape as [number, number, number, number];
  if (inputs === channels) return x;
  const half = (name: string, pixels: tf.Tensor) =>
    convolution(scope.child(name), pixels, channels / 2, { kernelSize: 1, strides });
  const shifted = tf.pad(
    tf.slice(x, [0, 1, 1, 0], [batch, height - 1, width - 1, inputs]),
    [[0, 0], [0, 1], [0, 1], [0, 0]],
  );
  const both = tf.concat([half("conv_h1", x), half("conv_h2", shifted)], 3);
  return batchNorm(scope.child("bn_residual"), both);
}
