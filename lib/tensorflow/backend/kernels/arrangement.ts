import { backend_util, type TensorInfo } from "@tensorflow/tfjs";
import { attribute, DType } from "../../native/mod.ts";
import { type Kernel, kernel, type Operations, type Value } from "./_execute.ts";
import { withSpecifiedMessages } from "./_messages.ts";

/** A diagonal of truth values, which TensorFlow's `Diag` refuses. */
const diagonal = kernel<{ x: Value }>("Diag", (operations, { x }) => {
  if (x.dtype !== DType.bool) return operations.plain("Diag", x);
  const ones = operations.plain("Diag", operations.cast(x, DType.int32));
  return operations.cast(ones, DType.bool);
});

/** The distinct values. To TensorFlow no NaN equals another, to TensorFlow.js all do. */
const unique = kernel<{ x: Value }, { axis?: number }>(
  "Unique",
  (operations, { x }, { axis }) => {
    const keys = x.dtype === DType.float32 ? bits(operations, x) : x;
    const [values, indices] = operations.many(
      "UniqueV2",
      [keys, operations.int32([axis ?? 0])],
      [
        attribute.type("T", keys.dtype),
        attribute.type("Taxis", DType.int32),
        attribute.type("out_idx", DType.int32),
      ],
      2,
    );
    return [keys === x ? values! : bitcast(operations, values!, x.dtype), indices!];
  },
);

/** TensorFlow.js reads a vector of indices as a column of them. */
const scatter = kernel<{ indices: Value; updates: Value }, { shape: readonly number[] }>(
  "ScatterNd",
  (operations, { indices, updates }, { shape }) => {
    const column = indices.shape.length === 1
      ? operations.reshape(indices, [indices.shape[0]!, 1])
      : indices;
    return operations.linear(
      shape,
      [updates],
      () =>
        operations.one("ScatterNd", [column, updates, operations.sizes(shape)], [
          attribute.type("T", updates.dtype),
          attribute.type("Tindices", DType.int32),
        ]),
    );
  },
);

/** TensorFlow itself checks the indices; tfjs-node reads them to do so, which a trace cannot. */
const gather = kernel<{ x: Value; indices: Value }, { axis: number; batchDims: number }>(
  "GatherV2",
  (operations, { x, indices }, { axis, batchDims }) => {
    // Checks the shapes, with TensorFlow.js's messages.
    const { collectGatherOpShapeInfo } = backend_util.segment_util;
    collectGatherOpShapeInfo(shaped(x), shaped(indices), axis, batchDims);
    const attributes = [
      attribute.int("batch_dims", batchDims),
      attribute.type("Tparams", x.dtype),
      attribute.type("Tindices", indices.dtype),
      attribute.type("Taxis", DType.int32),
    ];
    return withSpecifiedMessages(
      () => operations.one("GatherV2", [x, indices, operations.int32(axis)], attributes),
      [[
        /^.*indices\S* = (-?\d+) is not in \[0, (\d+)\)$/,
        (_, index, end) => `GatherV2: the index value ${index} is not in [0, ${Number(end) - 1}]`,
      ]],
    );
  },
);

/** Depth as pixels of blocks. TensorFlow visits every pixel, also of what holds nothing. */
const depthToSpace = kernel<{ x: Value }, { blockSize: number; dataFormat: "NHWC" | "NCHW" }>(
  "DepthToSpace",
  (operations, { x }, { blockSize, dataFormat }) => {
    if (!Number.isInteger(blockSize)) {
      throw new RangeError(`Cannot make blocks of ${blockSize} pixels: it must be an integer`);
    }
    const depth = dataFormat === "NHWC" ? 3 : 1;
    const shape = x.shape.map((size, axis) => {
      if (axis === 0) return size;
      return axis === depth ? size / blockSize ** 2 : size * blockSize;
    });
    return operations.unlessEmpty(
      shape,
      x,
      () =>
        operations.one("DepthToSpace", [x], [
          attribute.type("T", x.dtype),
          attribute.int("block_size", blockSize),
          attribute.string("data_format", dataFormat),
        ]),
    );
  },
);

function shaped({ shape }: Value): TensorInfo {
  return { dataId: {}, shape: [...shape], dtype: "float32" };
}

/** Bit patterns that are equal where TensorFlow.js takes the numbers for equal. */
function bits(operations: Operations, x: Value): Value {
  const zero = operations.float32(0);
  const isZero = operations.one("Equal", [x, zero], [attribute.type("T", x.dtype)]);
  const positive = operations.select(isZero, zero, x);
  const isNan = operations.plain("IsNan", x);
  const same = operations.select(isNan, operations.float32(NaN), positive);
  return bitcast(operations, same, DType.int32);
}

function bitcast(operations: Operations, x: Value, dtype: number): Value {
  return operations.one("Bitcast", [x], [
    attribute.type("T", x.dtype),
    attribute.type("type", dtype),
  ]);
}

/** Kernels that rearrange values. */
export const arrangement: readonly Kernel[] = [depthToSpace, diagonal, gather, scatter, unique];
