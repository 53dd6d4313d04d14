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
import { paddedShortcut } from "./_shortcut.ts";

/** Sizes of a wide residual network. */
export interface WideResNetOptions {
  /** Layers with weights, 6 · blocks + 4: 10, 16, 22, 28, 40, … */
  readonly depth: number;
  /** Multiplies the channels 16, 32, 64 of the three groups. */
  readonly width: number;
  readonly classes: number;
  /** Whether each group adds its input, and the last one the images too; default false. */
  readonly additionalSkipConnections?: boolean;
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
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "sam";
 *
 * const model = models.wideResNet({ depth: 16, width: 4, classes: 10 });
 * const { params } = model.shapes([8, 32, 32, 3]);
 * assertEquals(params.get("init_conv/kernel"), [3, 3, 3, 16]);
 * ```
 *
 * @throws RangeError for a depth that is not 6 · blocks + 4, or sizes that are not positive integers
 */
export function wideResNet(
  { depth, width, classes, additionalSkipConnections = false }: WideResNetOptions,
): Model {
  const blocks = blocksOf("a wide ResNet", depth, 6, 4);
  checkPositive("a wide ResNet", { width, classes });
  return model((scope, images) => {
    const skip = (x: tf.Tensor, from: tf.Tensor) => additionalSkipConnections ? added(x, from) : x;
    let x: tf.Tensor = convolution(scope.child("init_conv"), images, 16);
    for (const [index, channels] of [16 * width, 32 * width, 64 * width].entries()) {
      const strides = index === 0 ? 1 : 2;
      const at = scope.numbered("WideResnetGroup");
      x = skip(group(at, x, blocks, channels, strides, index === 0), x);
    }
    x = skip(x, images);
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
  return tf.add(branch, paddedShortcut(activateBeforeResidual ? activated : x, channels, strides));
}

/** Adds a tensor from further up, brought to the same shape. */
function added(x: tf.Tensor, from: tf.Tensor): tf.Tensor {
  return tf.add(x, paddedShortcut(from, x.shape[3]!, Math.floor(from.shape[2]! / x.shape[2]!)));
}

function activation(scope: Scope, x: tf.Tensor): tf.Tensor {
  return relu(batchNorm(scope, x));
}
