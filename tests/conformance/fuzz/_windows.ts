import { tf } from "../../../lib/tensorflow/mod.ts";
import type { Case, Draw, Family } from "./_draw.ts";
import { cropped, mean2d, mean3d, type Pad } from "./_references.ts";

type Four = [number, number, number, number];
type Five = [number, number, number, number, number];

const PADS: readonly Pad[] = ["same", "valid", "valid", 0, 1];

/** Strides or dilations other than 1, not both: TensorFlow.js refuses that. */
function steps(draw: Draw, axes: number): { strides: number[]; dilations: number[] } {
  const many = () => Array.from({ length: axes }, () => draw.integer(1, 3));
  const ones = new Array<number>(axes).fill(1);
  return draw.chance(0.5)
    ? { strides: many(), dilations: ones }
    : { strides: ones, dilations: draw.chance(0.5) ? many() : ones };
}

/** With numbers, TensorFlow.js takes the height's window, step and dilation for both axes. */
function padOf(draw: Draw, window: number[], ...others: number[][]): Pad {
  const isSquare = [window, ...others].every(([down, right]) => down === right);
  return draw.pick(isSquare ? PADS : ["same", "valid"] as const);
}

const text = (parts: Record<string, unknown>) =>
  Object.entries(parts).map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(" ");

/** Sizes of an image or of a window along so many axes; windows may be larger than the image. */
const sizes = (draw: Draw, axes: number) => Array.from({ length: axes }, () => draw.extent(6));
const windows = (draw: Draw, axes: number) =>
  Array.from({ length: axes }, () => draw.integer(1, draw.chance(0.2) ? 8 : 3));

function conv2d(draw: Draw): Case {
  const format = draw.pick(["NHWC", "NHWC", "NCHW"] as const);
  const channels = draw.extent(4);
  const [batch, image] = [draw.extent(3), sizes(draw, 2)];
  const shape = format === "NHWC" ? [batch, ...image, channels] : [batch, channels, ...image];
  const filter = [...windows(draw, 2), channels, draw.extent(4)];
  const { strides, dilations } = steps(draw, 2);
  const pad = padOf(draw, filter, strides, dilations);
  return {
    inputs: [draw.floats(shape), draw.floats(filter)],
    text: text({ strides, pad, format, dilations }),
    run: (x, f) =>
      tf.conv2d(
        x as tf.Tensor4D,
        f as tf.Tensor4D,
        strides as [number, number],
        pad,
        format,
        dilations as [number, number],
      ),
  };
}

function depthwise(draw: Draw): Case {
  const channels = draw.extent(4);
  const filter = [...windows(draw, 2), channels, draw.extent(3)];
  const { dilations } = steps(draw, 2);
  // TensorFlow's takes equal strides only.
  const strides = dilations.every((rate) => rate === 1) ? draw.integer(1, 3) : 1;
  const pad = draw.pick(["same", "valid", "valid"] as const);
  return {
    inputs: [draw.floats([draw.extent(3), ...sizes(draw, 2), channels]), draw.floats(filter)],
    text: text({ strides, pad, dilations }),
    run: (x, f) =>
      tf.depthwiseConv2d(
        x as tf.Tensor4D,
        f as tf.Tensor4D,
        strides,
        pad,
        "NHWC",
        dilations as [number, number],
      ),
  };
}

function fused(kind: "conv2d" | "depthwiseConv2d"): Family {
  return (draw) => {
    const channels = draw.extent(4);
    const outputs = draw.extent(3);
    const filter = [...windows(draw, 2), channels, outputs];
    const bias = kind === "conv2d" ? outputs : outputs * channels;
    const activation = draw.pick(["linear", "relu", "relu6", "elu", "sigmoid"] as const);
    const [strides, pad] = [draw.integer(1, 2), draw.pick(["same", "valid"] as const)];
    return {
      inputs: [
        draw.floats([draw.extent(3), ...sizes(draw, 2), channels]),
        draw.floats(filter),
        draw.floats([bias]),
      ],
      text: text({ strides, pad, activation }),
      run: (x, f, b) =>
        tf.fused[kind]({
          x: x as tf.Tensor4D,
          filter: f as tf.Tensor4D,
          strides,
          pad,
          bias: b!,
          activation,
        }),
    };
  };
}

function conv3d(draw: Draw): Case {
  const channels = draw.extent(3);
  const image = sizes(draw, 3).map((size) => Math.min(size, 4));
  const shape = [draw.extent(2), ...image, channels];
  const filter = [...windows(draw, 3), channels, draw.extent(3)];
  const { strides, dilations } = steps(draw, 3);
  const pad = draw.pick(["same", "valid"] as const);
  const run = (x: tf.Tensor, f: tf.Tensor) =>
    tf.conv3d(
      x as tf.Tensor5D,
      f as tf.Tensor5D,
      strides as [number, number, number],
      pad,
      "NDHWC",
      dilations as [number, number, number],
    );
  const extent = dilations.map((rate, axis) => (filter[axis]! - 1) * rate + 1);
  return {
    inputs: [draw.floats(shape), draw.floats(filter)],
    text: text({ strides, pad, dilations }),
    run: (x, f) => run(x!, f!),
    reference: (x, f) => run(cropped(x!, extent, strides, pad), f!),
  };
}

type Two = [number, number];

function pool2d(
  op: typeof tf.maxPool,
  reference: (x: tf.Tensor, window: Two, strides: Two, pad: Pad) => tf.Tensor,
): Family {
  return (draw) => {
    // No window may lie in the padding alone: of nothing, the backends take another mean.
    const window = windows(draw, 2).map((size) => Math.max(size, 2)) as Two;
    const strides = [draw.integer(1, 3), draw.integer(1, 3)] as Two;
    const pad = padOf(draw, window, strides);
    const run = (x: tf.Tensor) => op(x as tf.Tensor4D, window, strides, pad);
    return {
      inputs: [draw.floats([draw.extent(3), ...sizes(draw, 2), draw.extent(3)])],
      text: text({ window, strides, pad }),
      run: (x) => run(x!),
      reference: (x) => reference(x!, window, strides, pad),
    };
  };
}

type Three = [number, number, number];

function pool3d(
  op: typeof tf.maxPool3d,
  reference: (x: tf.Tensor, window: Three, strides: Three, pad: "same" | "valid") => tf.Tensor,
  { isCubic = false } = {},
): Family {
  return (draw) => {
    const image = sizes(draw, 3).map((size) => Math.min(size, 4));
    const drawn = windows(draw, 3) as Three;
    const window: Three = isCubic ? [drawn[0], drawn[0], drawn[0]] : drawn;
    const strides = windows(draw, 3).map((size) => Math.min(size, 3)) as Three;
    const pad = draw.pick(["same", "valid"] as const);
    const run = (x: tf.Tensor) => op(x as tf.Tensor5D, window, strides, pad);
    return {
      inputs: [draw.floats([draw.extent(2), ...image, draw.extent(3)])],
      text: text({ window, strides, pad }),
      run: (x) => run(x!),
      reference: (x) => reference(x!, window, strides, pad),
    };
  };
}

/** Convolutions, pooling and normalisation. */
export const windowed: Readonly<Record<string, Family>> = {
  conv2d,
  depthwiseConv2d: depthwise,
  fusedConv2d: fused("conv2d"),
  fusedDepthwiseConv2d: fused("depthwiseConv2d"),
  conv3d,
  conv1d: (draw) => {
    const channels = draw.extent(4);
    const [stride, pad] = [draw.integer(1, 3), draw.pick(["same", "valid"] as const)];
    return {
      inputs: [
        draw.floats([draw.extent(3), draw.extent(7), channels]),
        draw.floats([...windows(draw, 1), channels, draw.extent(4)]),
      ],
      text: text({ stride, pad }),
      run: (x, f) => tf.conv1d(x as tf.Tensor3D, f as tf.Tensor3D, stride, pad),
    };
  },
  separableConv2d: (draw) => {
    const [channels, multiplier] = [draw.extent(3), draw.extent(3)];
    const [strides, pad] = [draw.integer(1, 2), draw.pick(["same", "valid"] as const)];
    return {
      inputs: [
        draw.floats([draw.extent(2), ...sizes(draw, 2), channels]),
        draw.floats([...windows(draw, 2), channels, multiplier]),
        draw.floats([1, 1, channels * multiplier, draw.extent(3)]),
      ],
      text: text({ strides, pad }),
      run: (x, d, p) =>
        tf.separableConv2d(
          x as tf.Tensor4D,
          d as tf.Tensor4D,
          p as tf.Tensor4D,
          strides,
          pad,
        ),
    };
  },
  conv2dTranspose: (draw) => {
    const [channels, outputs] = [draw.extent(3), draw.extent(3)];
    const window = windows(draw, 2).map((size) => Math.min(size, 3));
    const [stride, pad] = [draw.integer(1, 2), draw.pick(["same", "valid"] as const)];
    const [batch, image] = [draw.extent(2), sizes(draw, 2)];
    const result = image.map((size, axis) =>
      pad === "same" ? size * stride : (size - 1) * stride + window[axis]!
    );
    const shape = [batch, ...result, outputs] as Four;
    return {
      inputs: [
        draw.floats([batch, ...image, channels]),
        draw.floats([...window, outputs, channels]),
      ],
      text: text({ shape, stride, pad }),
      run: (x, f) => tf.conv2dTranspose(x as tf.Tensor4D, f as tf.Tensor4D, shape, stride, pad),
    };
  },
  conv3dTranspose: (draw) => {
    const [channels, outputs] = [draw.extent(2), draw.extent(2)];
    // Not smaller than a step: see `cropped`.
    const window = windows(draw, 3).map((size) => Math.min(size + 1, 3));
    const [batch, image] = [draw.extent(2), sizes(draw, 3).map((size) => Math.min(size, 3))];
    const stride = draw.integer(1, 2);
    const shape = [batch, ...image.map((size) => size * stride), outputs] as Five;
    return {
      inputs: [
        draw.floats([batch, ...image, channels]),
        draw.floats([...window, outputs, channels]),
      ],
      text: text({ shape, stride }),
      run: (x, f) => tf.conv3dTranspose(x as tf.Tensor5D, f as tf.Tensor5D, shape, stride, "same"),
    };
  },
  maxPool: pool2d(tf.maxPool, (x, ...window) => tf.maxPool(x as tf.Tensor4D, ...window)),
  avgPool: pool2d(tf.avgPool as typeof tf.maxPool, mean2d),
  maxPool3d: pool3d(
    tf.maxPool3d,
    (x, ...window) => tf.maxPool3d(cropped(x, ...window), ...window),
    // The cpu backend takes the gradient of others to other elements.
    { isCubic: true },
  ),
  avgPool3d: pool3d(tf.avgPool3d as typeof tf.maxPool3d, mean3d),
  maxPoolWithArgmax: (draw) => {
    const window = windows(draw, 2) as [number, number];
    const pad = draw.pick(["same", "valid"] as const);
    const strides = draw.integer(1, 3);
    return {
      inputs: [draw.floats([draw.extent(3), ...sizes(draw, 2), draw.extent(3)])],
      text: text({ window, strides, pad }),
      run: (x) => Object.values(tf.maxPoolWithArgmax(x as tf.Tensor4D, window, strides, pad)),
    };
  },
  dilation2d: (draw) => {
    const channels = draw.extent(3);
    const pad = draw.pick(["same", "valid"] as const);
    return {
      inputs: [
        draw.floats([draw.extent(2), ...sizes(draw, 2), channels]),
        draw.floats([...windows(draw, 2), channels]),
      ],
      text: text({ pad }),
      run: (x, f) => tf.dilation2d(x as tf.Tensor4D, f as tf.Tensor3D, 1, pad),
    };
  },
  batchNorm: (draw) => {
    const shape = draw.shape(4, 4, 4);
    const channels = [shape[3]!];
    return {
      inputs: [
        draw.floats(shape),
        draw.floats(channels),
        draw.floats(channels, 0.3, 2),
        draw.floats(channels),
        draw.floats(channels),
      ],
      text: "",
      run: (x, mean, variance, offset, scale) =>
        tf.batchNorm(
          x!,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          offset as tf.Tensor1D,
          scale as tf.Tensor1D,
          1e-3,
        ),
    };
  },
  localResponseNormalization: (draw) => {
    const radius = draw.integer(0, 3);
    return {
      inputs: [draw.floats(draw.shape(4, 4, 4))],
      text: text({ radius }),
      run: (x) => tf.localResponseNormalization(x as tf.Tensor4D, radius),
    };
  },
};
