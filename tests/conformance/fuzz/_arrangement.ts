import { tf } from "../../../lib/tensorflow/mod.ts";
import { type Family, sizeOf } from "./_draw.ts";

const list = (values: readonly unknown[]) => JSON.stringify(values);

/** Shapes and places: nothing is computed. */
export const arrangement: Readonly<Record<string, Family>> = {
  transpose: (draw) => {
    const shape = draw.shape(0, 6);
    const order = draw.permutation(shape.length);
    return { inputs: [draw.any(shape)], text: list(order), run: (x) => tf.transpose(x!, order) };
  },
  reshape: (draw) => {
    const shape = draw.shape(0, 4);
    const size = sizeOf(shape);
    const targets = [[size], [1, size], [size, 1, 1], shape.toReversed()];
    if (size > 0) targets.push([-1], [-1, shape.at(-1) ?? 1]);
    const target = draw.pick(targets);
    return { inputs: [draw.any(shape)], text: list(target), run: (x) => tf.reshape(x!, target) };
  },
  slice: (draw) => {
    const shape = draw.shape(1, 5);
    const begin = shape.map((size) => draw.integer(0, size));
    const size = shape.map((length, axis) =>
      draw.chance(0.2) ? -1 : draw.integer(0, length - begin[axis]!)
    );
    return {
      inputs: [draw.any(shape)],
      text: `${list(begin)} ${list(size)}`,
      run: (x) => tf.slice(x!, begin, size),
    };
  },
  stridedSlice: (draw) => {
    const shape = draw.shape(1, 4);
    const bound = () => shape.map((size) => draw.integer(-size - 1, size + 1));
    const [begin, end] = [bound(), bound()];
    const strides = shape.map(() => draw.pick([1, 2, 3, -1, -2]));
    return {
      inputs: [draw.any(shape)],
      text: `${list(begin)} ${list(end)} ${list(strides)}`,
      run: (x) => tf.stridedSlice(x!, begin, end, strides),
    };
  },
  concat: (draw) => {
    const shape = draw.shape(1, 4);
    const axis = draw.integer(0, shape.length - 1);
    const dtype = draw.pick(["float32", "int32", "bool"] as const);
    const inputs = Array.from(
      { length: draw.integer(1, 4) },
      () => draw.any(shape.with(axis, draw.extent()), [dtype]),
    );
    return { inputs, text: `axis ${axis}`, run: (...xs) => tf.concat(xs, axis) };
  },
  stack: (draw) => {
    const shape = draw.shape(0, 4);
    const axis = draw.integer(0, shape.length);
    const inputs = Array.from({ length: draw.integer(1, 4) }, () => draw.floats(shape));
    return { inputs, text: `axis ${axis}`, run: (...xs) => tf.stack(xs, axis) };
  },
  unstack: (draw) => {
    const shape = draw.shape(1, 4);
    const axis = draw.axis(shape.length);
    return {
      inputs: [draw.any(shape)],
      text: `axis ${axis}`,
      run: (x) => tf.unstack(x!, axis),
    };
  },
  split: (draw) => {
    const shape = draw.shape(1, 4);
    const axis = draw.integer(0, shape.length - 1);
    const cut = draw.integer(0, shape[axis]!);
    const sizes = [cut, shape[axis]! - cut];
    return {
      inputs: [draw.any(shape)],
      text: `${list(sizes)} axis ${axis}`,
      run: (x) => tf.split(x!, sizes, axis),
    };
  },
  tile: (draw) => {
    const shape = draw.shape(1, 4);
    const repeats = shape.map(() => draw.integer(0, 3));
    return { inputs: [draw.any(shape)], text: list(repeats), run: (x) => tf.tile(x!, repeats) };
  },
  pad: (draw) => {
    const shape = draw.shape(1, 4);
    const pads = shape.map(() => [draw.integer(0, 2), draw.integer(0, 2)] as [number, number]);
    return { inputs: [draw.floats(shape)], text: list(pads), run: (x) => tf.pad(x!, pads, 0.5) };
  },
  mirrorPad: (draw) => {
    const shape = draw.shape(1, 4);
    const mode = draw.pick(["reflect", "symmetric"] as const);
    const most = (size: number) => Math.max(0, mode === "reflect" ? size - 1 : size);
    const pads = shape.map((size) =>
      [draw.integer(0, Math.min(2, most(size))), draw.integer(0, Math.min(2, most(size)))] as [
        number,
        number,
      ]
    );
    return {
      inputs: [draw.floats(shape)],
      text: `${mode} ${list(pads)}`,
      run: (x) => tf.mirrorPad(x!, pads, mode),
    };
  },
  reverse: (draw) => {
    const shape = draw.shape(1, 4);
    const axes = draw.axes(shape.length);
    return {
      inputs: [draw.any(shape)],
      text: list(axes ?? ["all"]),
      run: (x) => tf.reverse(x!, axes),
    };
  },
  gather: (draw) => {
    const shape = draw.shape(1, 4);
    const axis = draw.integer(0, shape.length - 1);
    const extent = shape[axis]!;
    const count = extent === 0 ? [0] : draw.shape(0, 2, 3);
    return {
      inputs: [draw.any(shape), draw.integers(count, 0, Math.max(0, extent - 1))],
      text: `axis ${axis}`,
      run: (x, indices) => tf.gather(x!, indices!, axis),
    };
  },
  gatherND: (draw) => {
    const shape = draw.shape(1, 3);
    const depth = draw.integer(1, shape.length);
    const rows = shape.slice(0, depth).includes(0) ? 0 : draw.extent(4);
    const values = Int32Array.from(
      { length: rows * depth },
      (_, at) => draw.integer(0, shape[at % depth]! - 1),
    );
    return {
      inputs: [draw.floats(shape), { shape: [rows, depth], dtype: "int32", values }],
      text: "",
      run: (x, indices) => tf.gatherND(x!, indices!),
    };
  },
  scatterND: (draw) => {
    const shape = draw.shape(1, 3);
    const rows = shape[0] === 0 ? 0 : draw.extent(4);
    return {
      inputs: [
        draw.integers([rows, 1], 0, Math.max(0, shape[0]! - 1)),
        draw.floats([rows, ...shape.slice(1)]),
      ],
      text: list(shape),
      run: (indices, updates) => tf.scatterND(indices!, updates!, shape),
    };
  },
  expandDims: (draw) => {
    const shape = draw.shape(0, 4);
    const axis = draw.integer(0, shape.length);
    return { inputs: [draw.any(shape)], text: `${axis}`, run: (x) => tf.expandDims(x!, axis) };
  },
  squeeze: (draw) => ({
    inputs: [draw.any(draw.shape(0, 5, 2))],
    text: "",
    run: (x) => tf.squeeze(x!),
  }),
  broadcastTo: (draw) => {
    const target = draw.shape(0, 4);
    return {
      inputs: [draw.floats(draw.broadcasting(target))],
      text: list(target),
      run: (x) => tf.broadcastTo(x!, target),
    };
  },
  oneHot: (draw) => {
    const depth = draw.integer(0, 5);
    return {
      inputs: [draw.integers(draw.shape(0, 3), 0, 5)],
      text: `depth ${depth}`,
      run: (x) => tf.oneHot(x!, depth, 2, -1),
    };
  },
  spaceToBatchND: (draw) => {
    const block = [draw.integer(1, 2), draw.integer(1, 2)];
    const image = [block[0]! * draw.integer(0, 3), block[1]! * draw.integer(0, 3)];
    return {
      inputs: [draw.floats([draw.extent(2), ...image, draw.extent(3)])],
      text: list(block),
      run: (x) => tf.spaceToBatchND(x!, block, [[0, 0], [0, 0]]),
    };
  },
  batchToSpaceND: (draw) => {
    const block = [draw.integer(1, 2), draw.integer(1, 2)];
    const batch = draw.extent(2) * sizeOf(block);
    return {
      inputs: [draw.floats([batch, draw.extent(3), draw.extent(3), draw.extent(3)])],
      text: list(block),
      run: (x) => tf.batchToSpaceND(x!, block, [[0, 0], [0, 0]]),
    };
  },
  depthToSpace: (draw) => ({
    inputs: [draw.floats([draw.extent(2), draw.extent(3), draw.extent(3), 4 * draw.extent(2)])],
    text: "",
    run: (x) => tf.depthToSpace(x as tf.Tensor4D, 2, "NHWC"),
  }),
  unique: (draw) => ({
    inputs: [draw.integers([draw.extent(9)], 0, 4)],
    text: "",
    run: (x) => Object.values(tf.unique(x!)),
  }),
  resizeBilinear: (draw) => {
    const size = [draw.integer(0, 6), draw.integer(0, 6)] as [number, number];
    const align = draw.chance(0.3);
    const half = !align && draw.chance(0.5);
    return {
      inputs: [draw.floats(draw.shape(4, 4, 4))],
      text: `${list(size)} align ${align} half ${half}`,
      run: (x) => tf.image.resizeBilinear(x as tf.Tensor4D, size, align, half),
    };
  },
  resizeNearestNeighbor: (draw) => {
    const size = [draw.integer(0, 6), draw.integer(0, 6)] as [number, number];
    return {
      inputs: [draw.floats(draw.shape(4, 4, 4))],
      text: list(size),
      run: (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, size),
    };
  },
  cropAndResize: (draw) => {
    const shape = draw.shape(4, 4, 4);
    const boxes = shape[0] === 0 ? 0 : draw.extent(3);
    const size = [draw.integer(1, 4), draw.integer(1, 4)] as [number, number];
    return {
      inputs: [
        draw.floats(shape),
        draw.floats([boxes, 4], 0, 1),
        draw.integers([boxes], 0, Math.max(0, shape[0]! - 1)),
      ],
      text: list(size),
      run: (x, box, index) =>
        tf.image.cropAndResize(x as tf.Tensor4D, box as tf.Tensor2D, index as tf.Tensor1D, size),
    };
  },
  flipLeftRight: (draw) => ({
    inputs: [draw.floats(draw.shape(4, 4, 4))],
    text: "",
    run: (x) => tf.image.flipLeftRight(x as tf.Tensor4D),
  }),
};
