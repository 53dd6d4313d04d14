import { tf } from "../../../lib/tensorflow/mod.ts";
import type { Family } from "./_draw.ts";

type Reduction = (x: tf.Tensor, axes?: number | number[], keepDims?: boolean) => tf.Tensor;

function reduction(op: Reduction, dtypes: readonly ("float32" | "int32" | "bool")[]): Family {
  return (draw) => {
    const shape = draw.shape(0, 5);
    const axes = draw.axes(shape.length);
    const keep = draw.chance(0.5);
    return {
      inputs: [draw.any(shape, dtypes)],
      text: `axes [${axes ?? "all"}] keep ${keep}`,
      run: (x) => op(x!, axes, keep),
    };
  };
}

export const reductions: Readonly<Record<string, Family>> = {
  sum: reduction(tf.sum, ["float32", "int32", "bool"]),
  mean: reduction(tf.mean, ["float32"]),
  prod: reduction(tf.prod, ["float32", "int32"]),
  max: reduction(tf.max, ["float32", "int32"]),
  min: reduction(tf.min, ["float32", "int32"]),
  all: reduction(tf.all, ["bool"]),
  any: reduction(tf.any, ["bool"]),
  logSumExp: reduction(tf.logSumExp, ["float32"]),
  euclideanNorm: reduction((x, axes, keep) => tf.norm(x, "euclidean", axes, keep), ["float32"]),
  moments: (draw) => {
    const shape = draw.shape(0, 4);
    const axes = draw.axes(shape.length);
    const keep = draw.chance(0.5);
    return {
      inputs: [draw.floats(shape)],
      text: `axes [${axes ?? "all"}] keep ${keep}`,
      run: (x) => Object.values(tf.moments(x!, axes, keep)),
    };
  },
  ...Object.fromEntries(
    (["argMax", "argMin"] as const).map((name): [string, Family] => [name, (draw) => {
      const shape = draw.shape(1, 5);
      const axis = draw.axis(shape.length);
      return {
        inputs: [draw.any(shape, ["float32", "int32"])],
        text: `axis ${axis}`,
        run: (x) => tf[name](x!, axis),
      };
    }]),
  ),
  ...Object.fromEntries(
    (["cumsum", "cumprod"] as const).map((name): [string, Family] => [name, (draw) => {
      const shape = draw.shape(1, 4);
      const [axis, exclusive, reverse] = [
        draw.integer(0, shape.length - 1),
        draw.chance(0.5),
        draw.chance(0.5),
      ];
      return {
        inputs: [draw.any(shape, name === "cumsum" ? ["float32", "int32"] : ["float32"])],
        text: `axis ${axis} exclusive ${exclusive} reverse ${reverse}`,
        run: (x) => tf[name](x!, axis, exclusive, reverse),
      };
    }]),
  ),
  topk: (draw) => {
    const shape = draw.shape(1, 3);
    const k = draw.integer(0, shape.at(-1)!);
    return {
      inputs: [draw.floats(shape)],
      text: `k ${k}`,
      run: (x) => Object.values(tf.topk(x!, k)),
    };
  },
  bincount: (draw) => {
    const size = draw.integer(0, 6);
    const length = draw.extent(9);
    const isWeighted = draw.chance(0.5);
    return {
      inputs: [draw.integers([length], 0, 7), draw.floats([isWeighted ? length : 0])],
      text: `size ${size}`,
      run: (x, weights) => tf.bincount(x as tf.Tensor1D, weights as tf.Tensor1D, size),
    };
  },
  unsortedSegmentSum: (draw) => {
    const shape = draw.shape(1, 3);
    const segments = draw.integer(0, 4);
    return {
      inputs: [draw.floats(shape), draw.integers([shape[0]!], 0, Math.max(0, segments - 1))],
      text: `segments ${segments}`,
      run: (x, ids) => tf.unsortedSegmentSum(x!, ids as tf.Tensor1D, segments),
    };
  },
  searchSorted: (draw) => {
    const rows = draw.shape(0, 2);
    const sorted = draw.floats([...rows, draw.extent()]);
    const width = sorted.shape.at(-1)!;
    for (let row = 0; row < sorted.values.length; row += width) {
      sorted.values.subarray(row, row + width).sort();
    }
    const side = draw.pick(["left", "right"] as const);
    return {
      inputs: [sorted, draw.floats([...rows, draw.extent()])],
      text: side,
      run: (sequence, values) => tf.searchSorted(sequence!, values!, side),
    };
  },
};
