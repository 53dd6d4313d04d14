import {
  batchNorm,
  type BatchNormOptions,
  convolution,
  dense,
  depthwiseConvolution,
  dropout,
  globalAveragePool,
  heTruncatedFanOut,
  type Model,
  model,
  type Scope,
  stochasticDepth,
  swish,
} from "../nn/mod.ts";
import { tf } from "../tensorflow/mod.ts";
import { checkPositive } from "./_check_size.ts";

/** A row of blocks, as in table 1 of the paper. */
export interface BlockRow {
  /** Channels before and after the block, unscaled. */
  readonly inputs: number;
  readonly outputs: number;
  readonly kernelSize: number;
  readonly repeats: number;
  /** Ratio of the channels inside a block to those before it. */
  readonly expansion: number;
  /** Strides of the row's first block; the others have strides of 1. */
  readonly strides: number;
}

/** Sizes of an EfficientNet. */
export interface EfficientNetOptions {
  readonly classes: number;
  /** Scales the channels. */
  readonly width: number;
  /** Scales the number of blocks. */
  readonly depth: number;
  /** Height and width of the images; default any. */
  readonly resolution?: number;
  /** Rate of the dropout of the features before the last layer. */
  readonly dropoutRate: number;
  /** Rate of the last block, to which that of the blocks before rises from 0. Default 0.2. */
  readonly stochasticDepthRate?: number;
  /** Channels of the first convolution, before they are scaled; default 32. */
  readonly stemChannels?: number;
  /** Channels of the last convolution, before they are scaled; default 1280. */
  readonly headChannels?: number;
  /** Default: table 1 of the paper. */
  readonly rows?: readonly BlockRow[];
  /** Whether batch statistics stay as they are, as in finetuning; default false. */
  readonly frozenBatchNorm?: boolean;
}

/** EfficientNet-B0, table 1. */
const ROWS: readonly BlockRow[] = [
  { inputs: 32, outputs: 16, kernelSize: 3, repeats: 1, expansion: 1, strides: 1 },
  { inputs: 16, outputs: 24, kernelSize: 3, repeats: 2, expansion: 6, strides: 2 },
  { inputs: 24, outputs: 40, kernelSize: 5, repeats: 2, expansion: 6, strides: 2 },
  { inputs: 40, outputs: 80, kernelSize: 3, repeats: 3, expansion: 6, strides: 2 },
  { inputs: 80, outputs: 112, kernelSize: 5, repeats: 3, expansion: 6, strides: 1 },
  { inputs: 112, outputs: 192, kernelSize: 5, repeats: 4, expansion: 6, strides: 2 },
  { inputs: 192, outputs: 320, kernelSize: 3, repeats: 1, expansion: 6, strides: 1 },
];

/** The published sizes by name: width, depth, resolution, dropout rate. */
const SIZES: Readonly<Record<string, readonly [number, number, number, number]>> = {
  b0: [1, 1, 224, 0.2],
  b1: [1, 1.1, 240, 0.2],
  b2: [1.1, 1.2, 260, 0.3],
  b3: [1.2, 1.4, 300, 0.3],
  b4: [1.4, 1.8, 380, 0.4],
  b5: [1.6, 2.2, 456, 0.4],
  b6: [1.8, 2.6, 528, 0.5],
  b7: [2, 3.1, 600, 0.5],
  b8: [2.2, 3.6, 672, 0.5],
  l2: [4.3, 5.3, 800, 0.5],
  "l2-475": [4.3, 5.3, 475, 0.5],
};

/** Names of the published sizes: "b0" … "b8", "l2", "l2-475". */
export const efficientNetSizes: readonly string[] = Object.keys(SIZES);

/**
 * The sizes of a published EfficientNet.
 *
 * Source: `MODEL_CONFIGS` in `efficientnet/efficientnet.py` of the reference; Tan and Le 2019; Xie et
 * al. 2020 (L2).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "sam";
 *
 * assertEquals(models.efficientNetSize("b1").resolution, 240);
 * ```
 *
 * @throws RangeError on a name that is not in {@linkcode efficientNetSizes}
 */
export function efficientNetSize(
  name: string,
): Required<Pick<EfficientNetOptions, "width" | "depth" | "resolution" | "dropoutRate">> {
  const size = SIZES[name];
  if (size === undefined) {
    throw new RangeError(
      `Cannot build EfficientNet-${name}: the known sizes are ${efficientNetSizes.join(", ")}`,
    );
  }
  const [width, depth, resolution, dropoutRate] = size;
  return { width, depth, resolution, dropoutRate };
}

/** The reference's settings. */
const NORMALISATION = { momentum: 0.99, epsilon: 1e-3 } as const;

const initializer = heTruncatedFanOut;

/** Ratio of the channels inside squeeze-and-excite to those before the block. */
const SQUEEZE = 0.25;

/**
 * An EfficientNet for images [batch, height, width, channels]; it gives logits [batch, classes].
 *
 * The reference synchronises its batch norm over replicas (`axis_name='batch'`), unlike that of its
 * other networks.
 *
 * Source: Tan and Le 2019; names, shapes and rounding as `efficientnet/efficientnet.py` of the
 * reference.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "sam";
 *
 * const model = models.efficientNet({ ...models.efficientNetSize("b0"), classes: 37 });
 * assertEquals(model.shapes([1, 224, 224, 3]).output, [1, 37]);
 * ```
 *
 * @throws RangeError for sizes that are not positive, or images of another size
 */
export function efficientNet({
  classes,
  width,
  depth,
  resolution,
  dropoutRate,
  stochasticDepthRate = 0.2,
  stemChannels = 32,
  headChannels = 1280,
  rows = ROWS,
  frozenBatchNorm = false,
}: EfficientNetOptions): Model {
  checkPositive("an EfficientNet", { classes, ...resolution !== undefined && { resolution } });
  if (!(width > 0 && depth > 0)) {
    throw new RangeError(
      `Cannot scale an EfficientNet by width ${width} and depth ${depth}: both must be above 0`,
    );
  }
  const scaled = (channels: number) => roundChannels(channels * width);
  const blocks = rows.flatMap(({ repeats, ...row }) =>
    Array.from({ length: Math.ceil(repeats * depth) }, (_, i) => ({
      ...row,
      // The first block of a row changes channels and size; the others keep them.
      ...i > 0 && { inputs: row.outputs, strides: 1 },
    }))
  );
  const options: BatchNormOptions = { ...NORMALISATION, frozen: frozenBatchNorm };
  return model((scope, images) => {
    if (resolution !== undefined && images.shape.slice(1, 3).some((size) => size !== resolution)) {
      throw new RangeError(
        `Cannot apply this EfficientNet to images of shape [${images.shape}]: they must be ` +
          `${resolution} × ${resolution}`,
      );
    }
    const stem = scope.numbered("Stem");
    let x: tf.Tensor = convolution(stem.child("conv2d"), images, scaled(stemChannels), {
      strides: 2,
      initializer,
    });
    x = swish(batchNorm(stem.child("batch_normalization"), x, options));
    for (const [index, { inputs, outputs, ...rest }] of blocks.entries()) {
      x = block(scope.numbered("MBConvBlock"), x, {
        ...rest,
        inputs: scaled(inputs),
        outputs: scaled(outputs),
        dropRate: stochasticDepthRate * index / blocks.length,
        options,
      });
    }
    const head = scope.numbered("Head");
    x = convolution(head.child("conv2d"), x, scaled(headChannels), {
      kernelSize: 1,
      initializer,
    });
    x = swish(batchNorm(head.child("batch_normalization"), x, options));
    // The reference drops before it removes height and width, which have size 1 there.
    const features = dropout(head, globalAveragePool(x), dropoutRate);
    return dense(head.child("dense"), features, classes);
  }, { syncBatchNorm: true });
}

interface BlockOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernelSize: number;
  readonly expansion: number;
  readonly strides: number;
  readonly dropRate: number;
  readonly options: BatchNormOptions;
}

/** Expansion, depthwise convolution, squeeze-and-excite, projection. */
function block(
  scope: Scope,
  x: tf.Tensor,
  { inputs, outputs, kernelSize, expansion, strides, dropRate, options }: BlockOptions,
): tf.Tensor {
  let convolutions = 0, normalisations = 0;
  const pointwise = (name: string, y: tf.Tensor, channels: number) =>
    convolution(scope.child(`${name}_conv2d_${convolutions++}`), y, channels, {
      kernelSize: 1,
      initializer,
    });
  const normalize = (y: tf.Tensor) =>
    batchNorm(scope.child(`batch_normalization_${normalisations++}`), y, options);
  let y = x;
  if (expansion !== 1) y = swish(normalize(pointwise("expand", y, inputs * expansion)));
  y = depthwiseConvolution(scope.child("depthwise_conv2d"), y, {
    kernelSize,
    strides,
    initializer,
  });
  y = swish(normalize(y));
  y = squeezeExcite(
    scope.numbered("SqueezeExcite"),
    y,
    Math.max(1, Math.trunc(inputs * SQUEEZE)),
  );
  y = normalize(pointwise("project", y, outputs));
  if (strides > 1 || inputs !== outputs) return y;
  return tf.add(stochasticDepth(scope, y, dropRate), x);
}

/** Scales each channel by a factor in (0, 1) computed from the means of all. Source: Hu et al. 2018. */
function squeezeExcite(scope: Scope, x: tf.Tensor, channels: number): tf.Tensor {
  const options = { kernelSize: 1, bias: true, initializer } as const;
  let share: tf.Tensor = tf.mean(x, [1, 2], true);
  share = swish(convolution(scope.child("reduce_conv2d_0"), share, channels, options));
  share = convolution(scope.child("expand_conv2d_1"), share, x.shape[3]!, options);
  return tf.mul(x, tf.sigmoid(share));
}

/** Rounds to a multiple of 8 that is at most a tenth smaller. */
function roundChannels(channels: number): number {
  const rounded = Math.max(8, Math.trunc((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}
