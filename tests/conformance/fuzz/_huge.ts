/** Calls with enormous sizes, steps and places: each is to give a result or a refusal. @module */
import { random, tf } from "../../../lib/tensorflow/mod.ts";
import { type Draw, sizeOf } from "./_draw.ts";

type Four = tf.Tensor4D;
type Five = tf.Tensor5D;

/** One operation with its arguments, as a function of a scalar 0 that the result depends on. */
export interface HugeCase {
  readonly text: string;
  readonly run: (zero: tf.Tensor) => tf.Tensor | tf.Tensor[];
}

const SIZES = [
  ...[0, 1, 1, 2, 2, 3, 3, 5, 7],
  ...[2 ** 10, 2 ** 15 + 1, 2 ** 20, 2 ** 24 + 1, 2 ** 26, 2 ** 28 + 3, 2 ** 30, 2 ** 31 - 1],
  ...[2 ** 31, 2 ** 32 + 1, 2 ** 40, 2 ** 52, Number.MAX_SAFE_INTEGER, -1, 0.5],
];

const size = (draw: Draw) => draw.pick(SIZES);
const list = (draw: Draw, count: number) => Array.from({ length: count }, () => size(draw));
const pairs = (draw: Draw, count: number) =>
  Array.from(
    { length: count },
    (): [number, number] => draw.chance(0.5) ? [0, 0] : [size(draw), 0],
  );

/** Of few elements, or of none with enormous extents. */
function shape(draw: Draw, rank: number): number[] {
  if (draw.chance(0.7)) return Array.from({ length: rank }, () => draw.integer(1, 4));
  const sizes = list(draw, rank).map((size) => Math.max(0, Math.floor(size)));
  sizes[draw.integer(0, rank - 1)] = 0;
  return sizes;
}

const windowArguments = (draw: Draw) => {
  const pad = draw.pick([
    "same",
    "valid",
    size(draw),
    [[0, 0], ...pairs(draw, 2), [0, 0]],
  ]) as "same";
  return draw.chance(0.5)
    ? { pad, strides: size(draw), dilations: 1 }
    : { pad, strides: 1, dilations: draw.chance(0.5) ? size(draw) : 1 };
};

const window = (draw: Draw) => draw.chance(0.7) ? draw.integer(1, 3) : size(draw);

/** Makes a case of a function of tensors and of arguments, which are told. */
function of<A extends Record<string, unknown>>(
  inputs: readonly (readonly number[])[],
  args: A,
  run: (tensors: tf.Tensor[], args: A) => tf.Tensor | tf.Tensor[],
): HugeCase {
  const text = `${inputs.map((shape) => `[${shape}]`).join(" ")} ${JSON.stringify(args)}`;
  return {
    text,
    run: (zero) => run(inputs.map((shape) => tf.add(tf.ones([...shape]), zero)), args),
  };
}

const tooMany = (shape: readonly number[]) => sizeOf(shape) > 2 ** 22;

function convolution(draw: Draw, kind: "conv2d" | "depthwiseConv2d", gradient: boolean): HugeCase {
  const input = shape(draw, 4);
  const filter = [draw.integer(1, 3), draw.integer(1, 3), input[3]!, draw.pick([1, 2, 2 ** 21])];
  if (tooMany(filter)) filter[2] = 0;
  return of([input, filter], windowArguments(draw), ([x, f], { pad, strides, dilations }) => {
    const run = (x: tf.Tensor, f: tf.Tensor) =>
      tf[kind](x as Four, f as Four, strides, pad, "NHWC", dilations);
    return gradient ? tf.grads(run)([x!, f!]) : run(x!, f!);
  });
}

/** Cases by operation. */
export const HUGE_FAMILIES: Readonly<Record<string, (draw: Draw) => HugeCase>> = {
  conv2d: (draw) => convolution(draw, "conv2d", false),
  depthwiseConv2d: (draw) => convolution(draw, "depthwiseConv2d", false),
  conv2dGradient: (draw) => convolution(draw, "conv2d", true),
  depthwiseConv2dGradient: (draw) => convolution(draw, "depthwiseConv2d", true),
  fusedConv2d: (draw) => {
    const input = shape(draw, 4);
    const filter = [1, draw.integer(1, 3), input[3]! > 4 ? 0 : input[3]!, 2];
    return of(
      [input, filter],
      windowArguments(draw),
      ([x, filter], args) =>
        tf.fused.conv2d({ x: x as Four, filter: filter as Four, ...args, activation: "relu" }),
    );
  },
  conv1d: (draw) => {
    const input = shape(draw, 3);
    const filter = [2, input[2]! > 4 ? 0 : input[2]!, draw.pick([1, 2 ** 20])];
    return of(
      [input, filter],
      windowArguments(draw),
      ([x, f], { pad, strides, dilations }) =>
        tf.conv1d(x as tf.Tensor3D, f as tf.Tensor3D, strides, pad, "NWC", dilations),
    );
  },
  conv3d: (draw) => {
    const input = shape(draw, 5);
    const filter = [1, 2, 3, input[4]! > 4 ? 0 : input[4]!, 2];
    const { strides, dilations } = windowArguments(draw);
    const args = { strides, dilations, pad: draw.pick(["same", "valid"] as const) };
    const gradient = draw.chance(0.3);
    return of([input, filter], args, ([x, f], { pad, strides, dilations }) => {
      const run = (x: tf.Tensor, f: tf.Tensor) =>
        tf.conv3d(x as Five, f as Five, strides, pad, "NDHWC", dilations);
      return gradient ? tf.grads(run)([x!, f!]) : run(x!, f!);
    });
  },
  conv2dTranspose: (draw) => {
    const input = shape(draw, 4);
    const filter = [draw.integer(1, 3), 1, 2, input[3]! > 4 ? 0 : input[3]!];
    const output = [input[0]!, size(draw), size(draw), 2] as [number, number, number, number];
    const args = { output, strides: size(draw), pad: draw.pick(["same", "valid"] as const) };
    return of(
      [input, filter],
      args,
      ([x, f], { output, strides, pad }) =>
        tf.conv2dTranspose(x as Four, f as Four, output, strides, pad),
    );
  },
  conv3dTranspose: (draw) => {
    const input = shape(draw, 5);
    const filter = [1, 2, 1, 2, input[4]! > 4 ? 0 : input[4]!];
    const output = [input[0]!, ...list(draw, 3), 2] as [number, number, number, number, number];
    const args = { output, strides: size(draw), pad: draw.pick(["same", "valid"] as const) };
    return of(
      [input, filter],
      args,
      ([x, f], { output, strides, pad }) =>
        tf.conv3dTranspose(x as Five, f as Five, output, strides, pad),
    );
  },
  pool: (draw) => {
    const args = { ...windowArguments(draw), window: window(draw) };
    const mode = draw.pick(["avg", "max"] as const);
    return of([shape(draw, 4)], { ...args, mode }, ([x], { window, mode, strides, pad }) => {
      const run = (x: tf.Tensor) => tf.pool(x as Four, window, mode, pad, 1, strides);
      return draw.chance(0.3) ? tf.grad(run)(x!) : run(x!);
    });
  },
  pool3d: (draw) => {
    const args = {
      window: window(draw),
      strides: size(draw),
      pad: draw.pick(["same", "valid", size(draw)]) as "same",
    };
    const op = draw.pick([tf.maxPool3d, tf.avgPool3d]);
    return of(
      [shape(draw, 5)],
      args,
      ([x], { window, strides, pad }) => op(x as Five, window, strides, pad),
    );
  },
  maxPoolWithArgmax: (draw) =>
    of([shape(draw, 4)], { ...windowArguments(draw), window: window(draw) }, ([x], args) => {
      const { window, strides, pad } = args;
      return Object.values(tf.maxPoolWithArgmax(x as Four, window, strides, pad));
    }),
  dilation2d: (draw) =>
    of(
      [shape(draw, 4), [2, 2, draw.pick([0, 1, 3])]],
      { ...windowArguments(draw), gradient: draw.chance(0.3) },
      ([x, f], { strides, dilations, gradient }) => {
        const run = (x: tf.Tensor, f: tf.Tensor) =>
          tf.dilation2d(x as Four, f as tf.Tensor3D, strides, "same", dilations);
        return gradient ? tf.grads(run)([x!, f!]) : run(x!, f!);
      },
    ),
  pad: (draw) =>
    of([shape(draw, 2)], { pads: pairs(draw, 2) }, ([x], { pads }) => tf.pad(x!, pads)),
  mirrorPad: (draw) =>
    of(
      [shape(draw, 2)],
      { pads: pairs(draw, 2) },
      ([x], { pads }) =>
        tf.mirrorPad(x as tf.Tensor2D, pads as [[number, number], [number, number]], "symmetric"),
    ),
  tile: (draw) =>
    of([shape(draw, 2)], { reps: list(draw, 2) }, ([x], { reps }) => tf.tile(x!, reps)),
  broadcastTo: (draw) =>
    of([[1, 1]], { to: list(draw, 2) }, ([x], { to }) => tf.broadcastTo(x!, to as [1, 1])),
  fill: (draw) =>
    of([[1]], { to: list(draw, 2) }, ([x], { to }) => tf.fill(to as [1, 1], 1).mul(x!)),
  linspace: (draw) =>
    of([[1]], { num: size(draw) }, ([x], { num }) => tf.linspace(0, 1, num).mul(x!)),
  range: (draw) =>
    of([[1]], { end: size(draw), dtype: draw.pick(["int32", "float32"] as const) }, (
      [x],
      { end, dtype },
    ) => tf.range(0, end, 1, dtype).mul(x!)),
  oneHot: (draw) =>
    of(
      [shape(draw, 2)],
      { depth: size(draw) },
      ([x], { depth }) => tf.oneHot(tf.cast(x!, "int32"), depth),
    ),
  resize: (draw) => {
    const op = draw.pick(["resizeBilinear", "resizeNearestNeighbor"] as const);
    return of(
      [shape(draw, 4)],
      { op, to: list(draw, 2) },
      ([x], { op, to }) => tf.image[op](x as Four, to as [1, 1]),
    );
  },
  cropAndResize: (draw) =>
    of([shape(draw, 4)], { to: list(draw, 2) }, ([x], { to }) =>
      tf.image.cropAndResize(
        x as Four,
        tf.tensor2d([[0, 0, 1, 1]]),
        tf.tensor1d([0], "int32"),
        to as [1, 1],
      )),
  transform: (draw) =>
    of([shape(draw, 4)], { to: list(draw, 2) }, ([x], { to }) =>
      tf.image.transform(
        x as Four,
        tf.tensor2d([[1, 0, 0, 0, 1, 0, 0, 0]]),
        "nearest",
        "constant",
        0,
        to as [1, 1],
      )),
  slice: (draw) =>
    of(
      [shape(draw, 2)],
      { begin: list(draw, 2), sizes: list(draw, 2) },
      ([x], args) => tf.slice(x!, args.begin, args.sizes),
    ),
  stridedSlice: (draw) =>
    of([shape(draw, 2)], { begin: list(draw, 2), end: list(draw, 2), step: list(draw, 2) }, (
      [x],
      { begin, end, step },
    ) => tf.stridedSlice(x!, begin, end, step)),
  binary: (draw) => {
    const names = ["add", "mul", "maximum", "equal", "floorDiv", "prelu", "atan2"] as const;
    const inputs = [[size(draw), 1, 0], [1, size(draw), 0]].map((shape) => shape.map(natural));
    const [wide, high] = [draw.pick([3, 2 ** 20]), draw.pick([5, 2 ** 20])];
    return of(
      draw.chance(0.5) ? inputs : [[wide, 1], [1, high]],
      { name: draw.pick(names) },
      ([a, b], { name }) => (tf[name] as typeof tf.add)(a!, b!),
    );
  },
  where: (draw) =>
    of(
      [[natural(size(draw)), 1, 0], [1, natural(size(draw)), 0]],
      {},
      ([a, b]) => tf.where(tf.greater(a!, 0), b!, 0),
    ),
  matMul: (draw) => {
    const inner = draw.pick([0, 1, 3]);
    const outer = () => inner === 0 ? natural(size(draw)) : draw.pick([1, 2, 2 ** 20]);
    const fused = draw.chance(0.3);
    return of(
      [[outer(), inner], [inner, outer()]],
      { fused },
      ([a, b], { fused }) =>
        fused ? tf.fused.matMul({ a: a!, b: b!, activation: "relu" }) : tf.matMul(a!, b!),
    );
  },
  einsum: (draw) =>
    of(
      [[draw.pick([3, 2 ** 20])], [draw.pick([3, 2 ** 20])]],
      {},
      ([a, b]) => tf.einsum("i,j->ij", a!, b!),
    ),
  diag: (draw) => of([[draw.pick([3, 2 ** 10, 2 ** 20])]], {}, ([x]) => tf.diag(x!)),
  concat: (draw) =>
    of(
      [[natural(size(draw)), 0]],
      { count: draw.integer(2, 5) },
      ([x], { count }) => tf.concat(new Array(count).fill(x)),
    ),
  stack: (draw) =>
    of(
      [[natural(size(draw)), 0]],
      { count: draw.integer(2, 5) },
      ([x], { count }) => tf.stack(new Array(count).fill(x)),
    ),
  reduce: (draw) =>
    of([shape(draw, 3)], {
      name: draw.pick(["sum", "mean", "max", "prod"] as const),
      axis: draw.integer(0, 2),
    }, ([x], { name, axis }) => tf[name](x!, axis)),
  reshape: (draw) => of([[0]], { to: [...list(draw, 2), 0] }, ([x], { to }) => tf.reshape(x!, to)),
  transpose: (draw) => of([shape(draw, 3)], {}, ([x]) => tf.transpose(x!, [2, 0, 1])),
  softmax: (draw) => of([shape(draw, 2)], {}, ([x]) => tf.softmax(x!)),
  batchNorm: (draw) => {
    const input = shape(draw, 4);
    const channels = [Math.min(input[3]!, 4)];
    return of(
      [input, channels, channels],
      {},
      ([x, mean, variance]) =>
        tf.batchNorm(x as Four, mean as tf.Tensor1D, variance as tf.Tensor1D),
    );
  },
  unsortedSegmentSum: (draw) =>
    of(
      [[2, draw.pick([1, 3, 2 ** 20])]],
      { count: size(draw) },
      ([x], { count }) => tf.unsortedSegmentSum(x!, tf.tensor1d([0, 1], "int32"), count),
    ),
  gather: (draw) =>
    of(
      [[1, draw.pick([3, 2 ** 20])]],
      { count: draw.pick([2, 2 ** 20]) },
      ([x], { count }) => tf.gather(x!, tf.zeros([count], "int32")),
    ),
  gatherND: (draw) =>
    of(
      [[1, draw.pick([3, 2 ** 20])]],
      { count: draw.pick([2, 2 ** 20]) },
      ([x], { count }) => tf.gatherND(x!, tf.zeros([count, 1], "int32")),
    ),
  scatterND: (draw) =>
    of(
      [[2]],
      { to: [size(draw)] },
      ([x], { to }) => tf.scatterND(tf.tensor2d([[0], [1]], [2, 1], "int32"), x!, to),
    ),
  sparseToDense: (draw) =>
    of(
      [[2]],
      { to: [size(draw)] },
      ([x], { to }) => tf.sparseToDense(tf.tensor1d([0, 1], "int32"), x!, to as [1], 0),
    ),
  bincount: (draw) =>
    of(
      [[3]],
      { size: size(draw) },
      ([x], { size }) => tf.bincount(tf.cast(x as tf.Tensor1D, "int32"), tf.tensor1d([]), size),
    ),
  spaceToBatchND: (draw) =>
    of(
      [shape(draw, 4)],
      { block: list(draw, 2), pads: pairs(draw, 2) },
      ([x], args) => tf.spaceToBatchND(x!, args.block, args.pads),
    ),
  batchToSpaceND: (draw) =>
    of(
      [shape(draw, 4)],
      { block: list(draw, 2), crops: pairs(draw, 2) },
      ([x], args) => tf.batchToSpaceND(x!, args.block, args.crops),
    ),
  depthToSpace: (draw) =>
    of(
      [shape(draw, 4)],
      { block: size(draw) },
      ([x], { block }) => tf.depthToSpace(x as Four, block),
    ),
  topk: (draw) =>
    of([shape(draw, 2)], { k: size(draw) }, ([x], { k }) => Object.values(tf.topk(x!, k))),
  split: (draw) =>
    of([shape(draw, 2)], { sizes: list(draw, 2) }, ([x], { sizes }) => tf.split(x!, sizes, 1)),
  localResponseNormalization: (draw) =>
    of(
      [draw.chance(0.9) ? shape(draw, 4) : [1, 1, 1, 2 ** 20]],
      { radius: size(draw), beta: draw.pick([0.5, 0.75, 1]), gradient: draw.chance(0.3) },
      ([x], { radius, beta, gradient }) => {
        const run = (x: tf.Tensor) => tf.localResponseNormalization(x as Four, radius, 1, 1, beta);
        return gradient ? tf.grad(run)(x!) : run(x!);
      },
    ),
  denseBincount: (draw) =>
    of(
      [shape(draw, 2)],
      { size: size(draw) },
      ([x], { size }) => tf.denseBincount(tf.cast(x as tf.Tensor2D, "int32"), [], size),
    ),
  nonMaxSuppression: (draw) =>
    of(
      [[2, 4], [2]],
      { most: size(draw) },
      ([boxes, scores], { most }) =>
        tf.image.nonMaxSuppression(boxes as tf.Tensor2D, scores as tf.Tensor1D, most),
    ),
  multinomial: (draw) =>
    of(
      [[2, 3]],
      { samples: size(draw) },
      ([x], { samples }) => tf.multinomial(x as tf.Tensor2D, samples, 1),
    ),
  random: (draw) =>
    of([[1]], { to: list(draw, 2) }, ([x], { to }) => random.normal(random.seed(1), to).mul(x!)),
};

function natural(size: number): number {
  return Math.max(0, Math.floor(size));
}
