import {
  batchNorm,
  convolution,
  dense,
  globalAveragePool,
  lecunNormal,
  maxPool,
  type Model,
  model,
  relu,
  type Scope,
  zeros,
} from "../nn/mod.ts";
import { tf } from "../tensorflow/mod.ts";
import { checkPositive } from "./_check_size.ts";

/** Bottleneck blocks of each group, by depth. */
const BLOCKS: Readonly<Record<number, readonly number[]>> = {
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
};

/** Sizes of a residual network for ImageNet. */
export interface ResNetOptions {
  /** 50, 101 or 152. */
  readonly depth: number;
  readonly classes: number;
  /** Channels of the first convolution; default 64. */
  readonly channels?: number;
}

/**
 * A residual network of bottleneck blocks for images [batch, height, width, channels], ResNet-50 for
 * depth 50; it gives logits [batch, classes]. The stride is in the 3×3 convolution, and the last scale
 * of each block is zero at first.
 *
 * Source: He et al. 2015; Goyal et al. 2017, section 5.1; names and initialisation as
 * `sam_jax/imagenet_models/resnet.py` of the reference, which has no ReLU before the max pooling.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "sam";
 *
 * const model = models.resNet({ depth: 50, classes: 1000 });
 * assertEquals(model.shapes([1, 224, 224, 3]).output, [1, 1000]);
 * ```
 *
 * @throws RangeError for another depth, or sizes that are not positive integers
 */
export function resNet({ depth, classes, channels = 64 }: ResNetOptions): Model {
  const groups = BLOCKS[depth];
  if (groups === undefined) {
    throw new RangeError(
      `Cannot build a ResNet of depth ${depth}: there are ${Object.keys(BLOCKS).join(", ")}`,
    );
  }
  checkPositive("a ResNet", { classes, channels });
  return model((scope, images) => {
    let x: tf.Tensor = convolution(scope.child("conv_init"), images, channels, {
      kernelSize: 7,
      strides: 2,
      padding: 3,
      initializer: lecunNormal,
    });
    x = maxPool(batchNorm(scope.child("bn_init"), x), 3, 2);
    for (const [group, blocks] of groups.entries()) {
      for (let i = 0; i < blocks; i++) {
        const strides = group > 0 && i === 0 ? 2 : 1;
        x = block(scope.numbered("BottleneckResNetBlock"), x, channels * 2 ** group, strides);
      }
    }
    const pooled = globalAveragePool(x);
    return dense(scope.numbered("Dense"), pooled, classes, { initializer: lecunNormal });
  });
}

function block(scope: Scope, x: tf.Tensor, channels: number, strides: number): tf.Tensor {
  const outputs = 4 * channels;
  const convolve = (
    at: Scope,
    y: tf.Tensor,
    channels: number,
    options: { readonly kernelSize: number; readonly strides?: number },
  ) => convolution(at, y, channels, { ...options, initializer: lecunNormal });
  let residual = x;
  if (x.shape[3] !== outputs || strides > 1) {
    residual = convolve(scope.child("conv_proj"), x, outputs, { kernelSize: 1, strides });
    residual = batchNorm(scope.child("norm_proj"), residual);
  }
  let y: tf.Tensor = convolve(scope.numbered("Conv"), x, channels, { kernelSize: 1 });
  y = relu(batchNorm(scope.numbered("BatchNorm"), y));
  y = convolve(scope.numbered("Conv"), y, channels, { kernelSize: 3, strides });
  y = relu(batchNorm(scope.numbered("BatchNorm"), y));
  y = convolve(scope.numbered("Conv"), y, outputs, { kernelSize: 1 });
  y = batchNorm(scope.numbered("BatchNorm"), y, { initializer: zeros });
  return relu(tf.add(residual, y));
}
