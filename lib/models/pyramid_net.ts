import {
  averagePool,
  batchNorm,
  convolution,
  dense,
  type Model,
  model,
  relu,
  type Scope,
  shakeDrop,
} from "../nn/mod.ts";
import { tf } from "../tensorflow/mod.ts";
import { blocksOf, checkPositive } from "./_check_size.ts";
import { paddedShortcut } from "./_shortcut.ts";

/** Sizes of a PyramidNet. */
export interface PyramidNetOptions {
  /** 9 · blocks + 2: 11, 20, …, 272 */
  readonly depth: number;
  /** How many channels the last block has above the 16 of the first convolution. */
  readonly alpha: number;
  readonly classes: number;
  /** Whether the residual branches shake and drop in training; default true. */
  readonly shakeDrop?: boolean;
}

/** The probability of keeping the last branch, to which that of the branches before falls from 1. */
const LAST_KEEP = 0.5;

/**
 * A PyramidNet of bottleneck blocks for images [batch, 32, 32, channels], such as PyramidNet-272 with
 * alpha 200; it gives logits [batch, classes]. With ShakeDrop branch l of L is kept with probability
 * 1 − l / 2L.
 *
 * Source: Han et al. 2017; Yamada et al. 2019; names, shortcut and initialisation as
 * `sam_jax/models/pyramidnet.py` of the reference, which has it with ShakeDrop only.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "sam";
 *
 * const model = models.pyramidNet({ depth: 11, alpha: 20, classes: 10 });
 * assertEquals(model.shapes([8, 32, 32, 3]).output, [8, 10]);
 * ```
 *
 * @throws RangeError for a depth that is not 9 · blocks + 2, or sizes that are not positive integers
 */
export function pyramidNet(
  { depth, alpha, classes, shakeDrop = true }: PyramidNetOptions,
): Model {
  const blocks = blocksOf("a PyramidNet", depth, 9, 2);
  checkPositive("a PyramidNet", { alpha, classes });
  const all = 3 * blocks;
  return model((scope, images) => {
    if (images.shape[1] !== 32 || images.shape[2] !== 32) {
      throw new RangeError(
        `Cannot apply a PyramidNet to images of shape [${images.shape}]: they must be 32 × 32`,
      );
    }
    let x: tf.Tensor = convolution(scope.child("init_conv"), images, 16);
    x = batchNorm(scope.child("init_bn"), x);
    for (let i = 1; i <= all; i++) {
      const channels = roundHalfToEven(16 + alpha * i / all);
      const strides = i > 1 && (i - 1) % blocks === 0 ? 2 : 1;
      const keep = shakeDrop ? 1 - (1 - LAST_KEEP) * i / all : undefined;
      x = bottleneck(scope.numbered("BottleneckShakeDrop"), x, channels, strides, keep);
    }
    x = relu(batchNorm(scope.child("final_bn"), x));
    const pooled = averagePool(x, 8);
    const examples = x.shape[0]!;
    const features = tf.reshape(pooled, [examples, pooled.size / examples]);
    return dense(scope.numbered("Dense"), features, classes);
  });
}

function bottleneck(
  scope: Scope,
  x: tf.Tensor,
  channels: number,
  strides: number,
  keep: number | undefined,
): tf.Tensor {
  const outputs = 4 * channels;
  let y: tf.Tensor = batchNorm(scope.child("bn_1_pre"), x);
  y = convolution(scope.child("1x1_conv_contract"), y, channels, { kernelSize: 1 });
  y = relu(batchNorm(scope.child("bn_1_post"), y));
  y = convolution(scope.child("3x3"), y, channels, { strides });
  y = relu(batchNorm(scope.child("bn_2"), y));
  y = convolution(scope.child("1x1_conv_expand"), y, outputs, { kernelSize: 1 });
  y = batchNorm(scope.child("bn_3"), y);
  const branch = keep === undefined ? y : shakeDrop(scope, y, keep);
  return tf.add(paddedShortcut(x, outputs, strides), branch);
}

/** As Python rounds. */
function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
