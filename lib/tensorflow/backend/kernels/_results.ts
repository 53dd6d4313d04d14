import type { TensorInfo } from "@tensorflow/tfjs";

type Shape = readonly number[];

/**
 * The shape of a kernel's result for given inputs and attributes; undefined if it is no larger than
 * an input, or if the kernel will refuse them.
 */
export type ResultShape = (
  inputs: Record<string, TensorInfo>,
  // deno-lint-ignore no-explicit-any -- each kernel has other attributes
  attributes: any,
) => Shape | undefined;

/** The shape to which shapes broadcast; undefined if they are the same, or do not. */
export function broadcast(...shapes: readonly Shape[]): Shape | undefined {
  const [first, ...others] = shapes as readonly [Shape, ...Shape[]];
  if (others.every((shape) => isSame(first, shape))) return undefined;
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result: number[] = [];
  for (let axis = -rank; axis < 0; axis++) {
    const sizes = new Set(shapes.map((shape) => shape.at(axis) ?? 1));
    if (sizes.size > 1) sizes.delete(1);
    if (sizes.size > 1) return undefined;
    result.push(...sizes);
  }
  return result;
}

function isSame(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

const binary: ResultShape = ({ a, b }) => broadcast(a!.shape, b!.shape);

const product: ResultShape = ({ a, b }, { transposeA, transposeB }) => {
  const batch = broadcast(a!.shape.slice(0, -2), b!.shape.slice(0, -2)) ?? a!.shape.slice(0, -2);
  return [...batch, a!.shape.at(transposeA ? -1 : -2)!, b!.shape.at(transposeB ? -2 : -1)!];
};

const padded: ResultShape = ({ x }, { paddings }) =>
  x!.shape.map((size, axis) =>
    size + Math.trunc(paddings[axis]?.[0] ?? 0) + Math.trunc(paddings[axis]?.[1] ?? 0)
  );

const resized: ResultShape = ({ images }, { size }) => [
  images!.shape[0]!,
  ...size,
  images!.shape[3]!,
];

/** Reducing an empty tensor over its axis of 0 gives as many elements as its other extents say. */
const reduced: ResultShape = ({ x }, { axis, reductionIndices }) => {
  if (!x!.shape.includes(0)) return undefined;
  const axes: number[] = [axis ?? reductionIndices].flat().map((axis) =>
    axis < 0 ? axis + x!.shape.length : axis
  );
  return x!.shape.filter((_, axis) => !axes.includes(axis));
};

const counted: ResultShape = ({ x }, { size }) =>
  x!.shape.length === 2 ? [x!.shape[0]!, size] : [size];

const joined: ResultShape = (inputs, { axis }) => {
  const shapes = Object.values(inputs).map(({ shape }) => shape);
  const along = axis < 0 ? axis + shapes[0]!.length : axis;
  const total = shapes.reduce((sum, shape) => sum + shape[along]!, 0);
  return shapes[0]!.map((size, axis) => axis === along ? total : size);
};

const einsum: ResultShape = (inputs, { equation }) => {
  const [terms, result] = String(equation).replaceAll(" ", "").split("->");
  if (result === undefined || equation.includes(".")) return undefined;
  const sizes = new Map<string, number>();
  terms!.split(",").forEach((term, index) =>
    [...term].forEach((label, axis) => sizes.set(label, inputs[index]?.shape[axis] ?? NaN))
  );
  return [...result].map((label) => sizes.get(label) ?? NaN);
};

/** An extent as some kernels see it, which visit every pixel, or image, of what holds nothing. */
const visited = (size: number) => Math.max(1, size);

const spread: ResultShape = ({ x }, { blockShape, paddings }) => {
  const blocks: number[] = [blockShape].flat();
  const [batch, ...sizes] = x!.shape;
  return [
    blocks.reduce((count, size) => count * size, batch!),
    ...sizes.map((size, axis) => {
      const [before, after] = paddings[axis] ?? [0, 0];
      return Math.ceil((size + before + after) / (blocks[axis] ?? 1));
    }),
  ].map(visited);
};

const BINARY = [
  ...["Add", "Sub", "Multiply", "RealDiv", "FloorDiv", "Mod", "Pow", "SquaredDifference", "Atan2"],
  ...["Maximum", "Minimum", "BitwiseAnd", "LogicalAnd", "LogicalOr", "Equal", "NotEqual"],
  ...["Greater", "GreaterEqual", "Less", "LessEqual"],
];
const REDUCTIONS = ["All", "Any", "ArgMax", "ArgMin", "Max", "Mean", "Min", "Prod", "Sum"];

/** The kernels whose result can be much larger than their inputs; those with windows check theirs. */
export const RESULTS: Readonly<Record<string, ResultShape>> = {
  ...Object.fromEntries(BINARY.map((name) => [name, binary])),
  ...Object.fromEntries(REDUCTIONS.map((name) => [name, reduced])),
  BatchMatMul: product,
  BatchToSpaceND: ({ x }) => x!.shape.map(visited),
  _FusedMatMul: product,
  Bincount: counted,
  DenseBincount: counted,
  Concat: joined,
  CropAndResize: ({ image, boxes }, { cropSize }) => [
    boxes!.shape[0]!,
    ...cropSize,
    visited(image!.shape[3]!),
  ],
  Diag: ({ x }) => [...x!.shape, ...x!.shape],
  Einsum: einsum,
  Fill: (_, { shape }) => shape,
  GatherNd: ({ params, indices }) => [
    ...indices!.shape.slice(0, -1),
    ...params!.shape.slice(indices!.shape.at(-1)),
  ],
  GatherV2: ({ x, indices }, { axis, batchDims }) => [
    ...x!.shape.slice(0, axis),
    ...indices!.shape.slice(batchDims),
    ...x!.shape.slice(axis + 1 || x!.shape.length),
  ],
  LinSpace: (_, { num }) => [num],
  MirrorPad: padded,
  Multinomial: ({ logits }, { numSamples }) => [logits!.shape[0]!, numSamples],
  OneHot: ({ indices }, { depth }) => [...indices!.shape, depth],
  Pack: (inputs) => [Object.keys(inputs).length, ...inputs[0]!.shape],
  PadV2: padded,
  Prelu: ({ x, alpha }) => broadcast(x!.shape, alpha!.shape),
  Range: (_, { start, stop, step }) => [Math.max(0, Math.ceil(Math.abs((stop - start) / step)))],
  ResizeBilinear: resized,
  ResizeNearestNeighbor: resized,
  ScatterNd: (_, { shape }) => shape,
  Select: ({ condition, t, e }) =>
    condition!.shape.length === 1
      ? broadcast(t!.shape, e!.shape)
      : broadcast(condition!.shape, t!.shape, e!.shape),
  SpaceToBatchND: spread,
  SparseToDense: (_, { outputShape }) => outputShape,
  Tile: ({ x }, { reps }) => x!.shape.map((size, axis) => size * reps[axis]),
  Transform: ({ image }, { outputShape }) =>
    outputShape && [image!.shape[0]!, ...outputShape, image!.shape[3]!],
  UnsortedSegmentSum: ({ x, segmentIds }, { numSegments }) => [
    numSegments,
    ...x!.shape.slice(segmentIds!.shape.length),
  ],
};

/** The attributes of each kernel that tfjs-node writes into int32 arrays unchecked. */
export const SIZES: Readonly<Record<string, readonly string[]>> = {
  BatchToSpaceND: ["blockShape", "crops"],
  Bincount: ["size"],
  CropAndResize: ["cropSize"],
  Dilation2D: ["strides", "dilations"],
  Fill: ["shape"],
  LinSpace: ["num"],
  MirrorPad: ["paddings"],
  NonMaxSuppressionV3: ["maxOutputSize"],
  NonMaxSuppressionV4: ["maxOutputSize"],
  NonMaxSuppressionV5: ["maxOutputSize"],
  OneHot: ["depth"],
  PadV2: ["paddings"],
  Reshape: ["shape"],
  ResizeBilinear: ["size"],
  ResizeNearestNeighbor: ["size"],
  Slice: ["begin", "size"],
  SpaceToBatchND: ["blockShape", "paddings"],
  SparseToDense: ["outputShape"],
  SplitV: ["numOrSizeSplits"],
  StridedSlice: ["begin", "end", "strides"],
  Tile: ["reps"],
  TopK: ["k"],
  UnsortedSegmentSum: ["numSegments"],
};
