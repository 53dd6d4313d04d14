import { attribute, DType } from "../../native/mod.ts";
import { withoutOneDnn } from "./_one_dnn.ts";
import { isDilated, undilated } from "./_dilation.ts";
import { type Kernel, kernel, type Operations, type Value } from "./_execute.ts";
import {
  isLongStride,
  slidingWindow,
  soundPad,
  type Window,
  type WindowAttributes,
} from "./_window.ts";

type Shape = readonly number[];

/** Convolutions over three axes. TensorFlow has no explicit padding for them. */
export const convolution3d: readonly Kernel[] = [
  kernel<{ x: Value; filter: Value }, WindowAttributes>(
    "Conv3D",
    (operations, { x, filter }, attributes) => {
      const window = windowOf(x.shape, filter.shape, attributes);
      const shape = [x.shape[0]!, ...window.output, filter.shape[4]!];
      return operations.linear(shape, [x, filter], () => {
        if (isDilated(window)) {
          const plain = { ...window, padding: "VALID", dilations: [1, 1, 1, 1, 1] } as const;
          return undilated(
            operations,
            x,
            window,
            (volume) => operations.one("Conv3D", [volume, filter], attributesOf(x.dtype, plain)),
          );
        }
        const input = operations.pad(x, window.pads);
        return withoutOneDnn(
          operations,
          isLongStride(window) || window.strides[2] !== window.strides[3],
          [input, filter],
          (inputs, dtype) => operations.one("Conv3D", inputs, attributesOf(dtype, window)),
        );
      });
    },
  ),
  kernel<{ dy: Value; filter: Value }, WindowAttributes & { inputShape: Shape }>(
    "Conv3DBackpropInputV2",
    (operations, { dy, filter }, attributes) => {
      const window = windowOf(attributes.inputShape, filter.shape, attributes);
      const { inputShape } = attributes;
      const shape = [inputShape[0]!, ...window.padded, inputShape[4]!];
      return operations.linear(inputShape, [dy, filter], () => {
        const dx = withoutOneDnn(
          operations,
          isLongStride(window),
          [filter, dy],
          (inputs, dtype) =>
            operations.one(
              "Conv3DBackpropInputV2",
              [operations.sizes(shape), ...inputs],
              [...attributesOf(dtype, window), attribute.type("Tshape", DType.int32)],
            ),
        );
        return withoutPads(operations, dx, inputShape, window);
      });
    },
  ),
  kernel<{ x: Value; dy: Value }, WindowAttributes & { filterShape: Shape }>(
    "Conv3DBackpropFilterV2",
    (operations, { x, dy }, attributes) => {
      const window = windowOf(x.shape, attributes.filterShape, attributes);
      const { filterShape } = attributes;
      return operations.linear(filterShape, [x, dy], () => {
        const padded = operations.pad(x, window.pads);
        return withoutOneDnn(
          operations,
          isLongStride(window),
          [padded, dy],
          ([x, dy], dtype) =>
            operations.one(
              "Conv3DBackpropFilterV2",
              [x!, operations.sizes(filterShape), dy!],
              attributesOf(dtype, window),
            ),
        );
      });
    },
  ),
];

function windowOf(shape: Shape, filterShape: Shape, attributes: WindowAttributes): Window {
  const input = shape.slice(1, -1);
  const sizes = filterShape.slice(0, 3);
  return slidingWindow(input, sizes, { ...attributes, pad: soundPad(input, sizes, attributes) });
}

function attributesOf(dtype: number, window: Window) {
  return [
    attribute.type("T", dtype),
    attribute.int("strides", window.strides),
    attribute.string("padding", window.padding === "SAME" ? "SAME" : "VALID"),
    attribute.string("data_format", "NDHWC"),
    attribute.int("dilations", window.dilations),
  ];
}

function withoutPads(operations: Operations, x: Value, shape: Shape, window: Window): Value {
  if (window.padding !== "EXPLICIT") return x;
  return operations.slice(x, window.pads.map(([before]) => before), shape);
}
