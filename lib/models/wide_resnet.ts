import {
  averagePool,
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

/** Sizes of a wide residual network. */
export interface WideResNetOptions {
  /** Layers with weights, 6 · blocks + 4: 10, 16, 22, 28, 40, … */
  readonly depth: number;
  /** Multiplies the channels 16, 32, 64 of the three groups. */
  readonly width: number;
  readonly classes: number;
}

/**
 * A wide residual network WRN-depth-width for images [batch, height, width, channels]; it gives
 * logits [batch, classes].
 *
 * Pre-activation blocks of two 3×3 convolutions; where the channels grow, the shortcut is average
 * pooling and channels of zeros; the first block of all normalises before the branches part.
 *
 * Source: Zagoruyko and Komodakis 2016; names, shortcut and initialisation as
 * `sam_jax/models/wide_resnet.py` of the reference.
 *
 * @throws RangeError for a depth that is not 6 · blocks + 4, or sizes that are not positive integers
 */
export function wideResNet({ depth, width, classes }: WideResNetOptions): Model {
  const blocks = (depth - 4) / 6;
  if (!Number.isInteger(blocks) || blocks < 1) {
    throw new RangeError(`Cannot build a wide ResNet of depth ${depth}: it must be 6n + 4`);
  }
  for (const [name, size] of [["width", width], ["classes", classes]] as const) {
    if (!Number.isInteger(size) || size < 1) {
      throw new RangeError(
        `Cannot build a wide ResNet of ${name} ${size}: it must be a positive integer`,
      );
    }
  }
  return model((scope, images) => {
    let x: tf.Tensor = convolution(scope.child("init_conv"), images, 16);
    x = group(scope.numbered("WideResnetGroup"), x, blocks, 16 * width, 1, true);
    x = group(scope.numbered("WideResnetGroup"), x, blocks, 32 * width, 2);
    x = group(scope.numbered("WideResnetGroup"), x, blocks, 64 * width, 2);
    x = activation(scope.child("pre-pool-bn"), x);
    return dense(scope.numbered("Dense"), globalAveragePool(x), classes);
  });
}

function group(
  scope: Scope,
  x: tf.Tensor,
  blocks: number,
  channels: number,
  strides: number,
  activateBeforeResidual = false,
): tf.Tensor {
  for (let index = 0; index < blocks; index++) {
    const first = index === 0;
    x = block(
      scope.numbered("WideResnetBlock"),
      x,
      channels,
      first ? strides : 1,
      first && activateBeforeResidual,
    );
  }
  return x;
}

function block(
  scope: Scope,
  x: tf.Tensor,
  channels: number,
  strides: number,
  activateBeforeResidual: boolean,
): tf.Tensor {
  const activated = activation(scope.child("init_bn"), x);
  let branch: tf.Tensor = convolution(scope.child("conv1"), activated, channels, { strides });
  branch = activation(scope.child("bn_2"), branch);
  branch = convolution(scope.child("conv2"), branch, channels);
  return tf.add(branch, shortcut(activateBeforeResidual ? activated : x, channels, strides));
}

function shortcut(x: tf.Tensor, channels: number, strides: number): tf.Tensor {
  const missing = channels - x.shape[3]!;
  if (missing === 0) return x;
  const pooled = strides === 1 ? x : averagePool(x, strides);
  return tf.pad(pooled, [[0, 0], [0, 0], [0, 0], [0, missing]]);
}

function activation(scope: Scope, x: tf.Tensor): tf.Tensor {
  return relu(batchNorm(scope, x));
}
