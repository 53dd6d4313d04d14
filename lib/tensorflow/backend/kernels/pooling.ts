import { attribute, DType } from "../../native/mod.ts";
import { type Kernel, kernel, type Operations, type Value } from "./_execute.ts";
import { slidingWindow, soundPad, type Window, type WindowAttributes } from "./_window.ts";

interface PoolAttributes extends WindowAttributes {
  readonly filterSize: number | readonly number[];
}

/**
 * Pooling over two and three axes with every padding of TensorFlow.js; TensorFlow has only `same`
 * and `valid`. Padding counts neither in a maximum nor in a mean.
 */
export const pooling: readonly Kernel[] = [
  ...["MaxPool", "MaxPool3D"].map((type) =>
    kernel<{ x: Value }, PoolAttributes>(type, (operations, { x }, attributes) => {
      const window = windowOf(x, attributes);
      return operations.unlessEmpty(outputShape(x, window), x, () => {
        const input = padForMaximum(operations, x, window);
        return operations.one(type, [input], attributesOf(x, window));
      });
    })
  ),
  ...["MaxPoolGrad", "MaxPool3DGrad"].map((type) =>
    kernel<{ dy: Value; input: Value; output: Value }, PoolAttributes>(
      type,
      (operations, { dy, input, output }, attributes) => {
        const window = windowOf(input, attributes, dy);
        return operations.linear(input.shape, [dy], () => {
          const padded = padForMaximum(operations, input, window);
          const list = attributesOf(input, window);
          if (type === "MaxPool3DGrad") list.push(attribute.type("TInput", input.dtype));
          const dx = operations.one(type, [padded, output, dy], list);
          return withoutPads(operations, dx, input, window);
        });
      },
    )
  ),
  ...["AvgPool", "AvgPool3D"].map((type) =>
    kernel<{ x: Value }, PoolAttributes>(type, (operations, { x }, attributes) => {
      const window = windowOf(x, attributes);
      return operations.unlessEmpty(outputShape(x, window), x, () => {
        const input = operations.pad(x, window.pads);
        const mean = operations.one(type, [input], attributesOf(x, window));
        return correctMean(operations, mean, x.shape, window);
      });
    })
  ),
  ...["AvgPoolGrad", "AvgPool3DGrad"].map((type) =>
    kernel<{ dy: Value; input: Value }, PoolAttributes>(
      type,
      (operations, { dy, input }, attributes) => {
        const window = windowOf(input, attributes, dy);
        const shape = [input.shape[0]!, ...window.padded, input.shape.at(-1)!];
        return operations.linear(input.shape, [dy], () => {
          const gradient = correctMean(operations, dy, input.shape, window);
          const inputs = [operations.sizes(shape), gradient];
          const dx = operations.one(type, inputs, attributesOf(input, window));
          return withoutPads(operations, dx, input, window);
        });
      },
    )
  ),
  kernel<{ x: Value }, PoolAttributes & { includeBatchInIndex: boolean }>(
    "MaxPoolWithArgmax",
    (operations, { x }, attributes) => {
      const window = windowOf(x, attributes);
      const shape = outputShape(x, window);
      if (shape.includes(0)) {
        const nothing = operations.zeros(shape, x);
        return [nothing, operations.cast(nothing, DType.int32)];
      }
      const [maximum, index] = operations.many(
        "MaxPoolWithArgmax",
        [padForMaximum(operations, withoutNan(operations, x), window)],
        [
          attribute.int("ksize", window.sizes),
          attribute.int("strides", window.strides),
          attribute.string("padding", window.padding === "SAME" ? "SAME" : "VALID"),
          attribute.type("Targmax", DType.int64),
          attribute.bool("include_batch_in_index", attributes.includeBatchInIndex),
          attribute.type("T", x.dtype),
        ],
        2,
      );
      const position = operations.cast(index!, DType.int32);
      return [maximum!, positionWithoutPads(operations, position, x.shape, window)];
    },
  ),
];

function windowOf(x: Value, attributes: PoolAttributes, output?: Value): Window {
  const input = x.shape.slice(1, -1);
  const outputs = output?.shape.slice(1, -1);
  return slidingWindow(input, attributes.filterSize, {
    ...attributes,
    pad: soundPad(input, attributes.filterSize, attributes),
  }, outputs);
}

function outputShape(x: Value, window: Window): number[] {
  return [x.shape[0]!, ...window.output, x.shape.at(-1)!];
}

function attributesOf(x: Value, window: Window) {
  return [
    attribute.type("T", x.dtype),
    attribute.int("ksize", window.sizes),
    attribute.int("strides", window.strides),
    attribute.string("padding", window.padding === "SAME" ? "SAME" : "VALID"),
    attribute.string("data_format", x.shape.length === 5 ? "NDHWC" : "NHWC"),
  ];
}

function padForMaximum(operations: Operations, x: Value, window: Window): Value {
  return operations.pad(x, window.pads, x.dtype === DType.int32 ? -(2 ** 31) : -Infinity);
}

/** TensorFlow.js ignores NaN in a maximum; TensorFlow's MaxPoolWithArgmax takes it for the largest. */
function withoutNan(operations: Operations, x: Value): Value {
  if (x.dtype === DType.int32) return x;
  const isNan = operations.plain("IsNan", x);
  return operations.select(isNan, operations.scalar(-Infinity, x.dtype), x);
}

function withoutPads(operations: Operations, dx: Value, input: Value, window: Window): Value {
  if (window.padding !== "EXPLICIT") return dx;
  return operations.slice(dx, window.pads.map(([before]) => before), input.shape);
}

/** Turns means over whole windows into means over the part of each window inside the input. */
function correctMean(
  operations: Operations,
  mean: Value,
  shape: readonly number[],
  window: Window,
): Value {
  if (window.padding !== "EXPLICIT") return mean;
  const volume = window.sizes.reduce((product, size) => product * size);
  // The part of a window inside the input is a product over the axes.
  let ratios = [volume];
  for (const [axis, positions] of window.output.entries()) {
    const counts = Array.from({ length: positions }, (_, position) => {
      const begin = position * window.strides[axis + 1]! - window.pads[axis + 1]![0];
      const end = Math.min(begin + window.sizes[axis + 1]!, shape[axis + 1]!);
      return Math.max(0, end - Math.max(begin, 0));
    });
    ratios = ratios.flatMap((ratio) => counts.map((count) => ratio / count));
  }
  const factors = operations.cast(
    operations.float32(ratios.map(finite), [1, ...window.output, 1]),
    mean.dtype,
  );
  return operations.plain("Mul", mean, factors);
}

/** The mean of a window of nothing but padding is 0. */
function finite(ratio: number): number {
  return Number.isFinite(ratio) ? ratio : 0;
}

/** Flat positions in the padded input become those in the input. */
function positionWithoutPads(
  operations: Operations,
  position: Value,
  shape: readonly number[],
  window: Window,
): Value {
  if (window.padding !== "EXPLICIT") return position;
  const [, height, width, channels] = shape as [number, number, number, number];
  const [paddedHeight, paddedWidth] = window.padded as [number, number];
  const divide = (value: Value, by: number) =>
    operations.plain("FloorDiv", value, operations.int32(by));
  const modulo = (value: Value, by: number) =>
    operations.plain("FloorMod", value, operations.int32(by));
  const multiply = (value: Value, by: number) =>
    operations.plain("Mul", value, operations.int32(by));
  const add = (a: Value, b: Value) => operations.plain("AddV2", a, b);
  const channel = modulo(position, channels);
  const pixel = divide(position, channels);
  const row = divide(pixel, paddedWidth);
  const column = modulo(pixel, paddedWidth);
  // Rows are counted through the whole batch if the index includes it.
  const batch = divide(row, paddedHeight);
  const inBatch = modulo(row, paddedHeight);
  const [top, left] = [window.pads[1]![0], window.pads[2]![0]];
  const trueRow = add(add(multiply(batch, height), inBatch), operations.int32(-top));
  const trueColumn = add(column, operations.int32(-left));
  return add(multiply(add(multiply(trueRow, width), trueColumn), channels), channel);
}
