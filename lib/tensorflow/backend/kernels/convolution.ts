import { attribute } from "../../native/mod.ts";
import { activate, type ActivationAttributes } from "./_activation.ts";
import { isDilated, undilated } from "./_dilation.ts";
import { type Kernel, kernel, type Operations, type Value } from "./_execute.ts";
import { withoutOneDnn } from "./_one_dnn.ts";
import {
  isLongStride,
  type Pad,
  slidingWindow,
  type Window,
  type WindowAttributes,
} from "./_window.ts";

type Shape = readonly number[];

interface ConvolutionAttributes extends WindowAttributes {
  readonly dataFormat?: "NHWC" | "NCHW";
}

/**
 * Convolutions over two axes. tfjs-node refuses numeric padding and channels first; TensorFlow's CPU
 * kernels know only channels last, so channels are moved there and back.
 */
export const convolution: readonly Kernel[] = [
  kernel<{ x: Value; filter: Value }, ConvolutionAttributes>(
    "Conv2D",
    (operations, { x, filter }, attributes) =>
      channelsFirst(operations, convolve(operations, "Conv2D", x, filter, attributes), attributes),
  ),
  kernel<FusedInputs, FusedAttributes>(
    "FusedConv2D",
    (operations, inputs, attributes) => fused(operations, "Conv2D", inputs, attributes),
  ),
  kernel<{ dy: Value; filter: Value }, ConvolutionAttributes & { inputShape: Shape }>(
    "Conv2DBackpropInput",
    (operations, { dy, filter }, attributes) =>
      inputGradient(operations, "Conv2DBackpropInput", dy, filter, attributes),
  ),
  kernel<{ x: Value; dy: Value }, ConvolutionAttributes & { filterShape: Shape }>(
    "Conv2DBackpropFilter",
    (operations, { x, dy }, attributes) =>
      filterGradient(operations, "Conv2DBackpropFilter", x, dy, attributes),
  ),
  kernel<{ x: Value; filter: Value }, ConvolutionAttributes>(
    "DepthwiseConv2dNative",
    (operations, { x, filter }, attributes) => {
      const y = convolve(operations, "DepthwiseConv2dNative", x, filter, attributes);
      return channelsFirst(operations, y, attributes);
    },
  ),
  kernel<FusedInputs, FusedAttributes>(
    "FusedDepthwiseConv2D",
    (operations, inputs, attributes) =>
      fused(operations, "DepthwiseConv2dNative", inputs, attributes),
  ),
  kernel<{ dy: Value; filter: Value }, ConvolutionAttributes & { inputShape: Shape }>(
    "DepthwiseConv2dNativeBackpropInput",
    (operations, { dy, filter }, attributes) =>
      inputGradient(operations, "DepthwiseConv2dNativeBackpropInput", dy, filter, attributes),
  ),
  kernel<{ x: Value; dy: Value }, ConvolutionAttributes & { filterShape: Shape }>(
    "DepthwiseConv2dNativeBackpropFilter",
    (operations, { x, dy }, attributes) =>
      filterGradient(operations, "DepthwiseConv2dNativeBackpropFilter", x, dy, attributes),
  ),
];

const PLAIN = { padding: "VALID", dilations: [1, 1, 1, 1] } as const;

interface FusedInputs {
  readonly x: Value;
  readonly filter: Value;
  readonly bias?: Value;
  readonly preluActivationWeights?: Value;
}

type FusedAttributes = ConvolutionAttributes & ActivationAttributes;

function fused(
  operations: Operations,
  type: string,
  { x, filter, bias, preluActivationWeights }: FusedInputs,
  attributes: FusedAttributes,
): Value {
  let y = convolve(operations, type, x, filter, attributes);
  if (bias !== undefined) {
    y = operations.plain("AddV2", y, alignedBias(operations, bias, attributes));
  }
  const alpha = preluActivationWeights &&
    alignedBias(operations, preluActivationWeights, attributes);
  return channelsFirst(operations, activate(operations, y, attributes, alpha), attributes);
}

/** A bias of one value a channel, or of the shape of an image, as it broadcasts to channels last. */
function alignedBias(
  operations: Operations,
  bias: Value,
  { dataFormat }: ConvolutionAttributes,
): Value {
  if (dataFormat !== "NCHW" || bias.shape.length < 3) return bias;
  return operations.transpose(bias, bias.shape.length === 3 ? [1, 2, 0] : [0, 2, 3, 1]);
}

/** A convolution with its channels last, whatever the data format. */
function convolve(
  operations: Operations,
  type: string,
  x: Value,
  filter: Value,
  attributes: ConvolutionAttributes,
): Value {
  const input = channelsLast(operations, x, attributes);
  const window = windowOf(input.shape, filter.shape, attributes);
  const isDepthwise = type === "DepthwiseConv2dNative";
  const [, , channels, multiplier] = filter.shape as [number, number, number, number];
  const outputs = isDepthwise ? channels * multiplier : multiplier;
  return operations.linear([input.shape[0]!, ...window.output, outputs], [input, filter], () => {
    if (isDepthwise && isDilated(window)) {
      const plain = attributesOf(type, x.dtype, { ...window, ...PLAIN });
      return undilated(
        operations,
        input,
        window,
        (image) => operations.one(type, [image, filter], plain),
      );
    }
    const [, rows, columns] = window.strides;
    const isWrong = rows !== columns && (channels === 1 || window.output[1] === 1);
    return withoutOneDnn(
      operations,
      isLongStride(window) || isWrong && !isDepthwise,
      [input, filter],
      (inputs, dtype) => operations.one(type, inputs, attributesOf(type, dtype, window)),
    );
  });
}

function inputGradient(
  operations: Operations,
  type: string,
  dy: Value,
  filter: Value,
  attributes: ConvolutionAttributes & { inputShape: Shape },
): Value {
  const shape = attributes.dataFormat === "NCHW"
    ? moveChannelsLast(attributes.inputShape)
    : attributes.inputShape;
  let gradient = channelsLast(operations, dy, attributes);
  const window = windowOf(shape, filter.shape, attributes, gradient);
  // TensorFlow.js allows a gradient larger than the output, and ignores what lies beyond it.
  const [batch, height, width, channels] = gradient.shape as [number, number, number, number];
  const [rows, columns] = window.output as [number, number];
  if (height > rows || width > columns) {
    const size = [batch, Math.min(height, rows), Math.min(width, columns), channels];
    gradient = operations.slice(gradient, [0, 0, 0, 0], size);
  }
  const dx = operations.linear(
    shape,
    [gradient, filter],
    () =>
      withoutOneDnn(
        operations,
        isLongStride(window),
        [filter, gradient],
        (inputs, dtype) =>
          operations.one(
            type,
            [operations.sizes(shape), ...inputs],
            attributesOf(type, dtype, window),
          ),
      ),
  );
  return channelsFirst(operations, dx, attributes);
}

function filterGradient(
  operations: Operations,
  type: string,
  x: Value,
  dy: Value,
  attributes: ConvolutionAttributes & { filterShape: Shape },
): Value {
  const input = channelsLast(operations, x, attributes);
  const gradient = channelsLast(operations, dy, attributes);
  const window = windowOf(input.shape, attributes.filterShape, attributes, gradient);
  const { filterShape } = attributes;
  return operations.linear(
    filterShape,
    [input, gradient],
    () =>
      withoutOneDnn(
        operations,
        isLongStride(window),
        [input, gradient],
        ([x, dy], dtype) =>
          operations.one(
            type,
            [x!, operations.sizes(filterShape), dy!],
            attributesOf(type, dtype, window),
          ),
      ),
  );
}

function windowOf(
  shape: Shape,
  filterShape: Shape,
  attributes: ConvolutionAttributes,
  output?: Value,
): Window {
  const { pad, dataFormat } = attributes;
  const pads = dataFormat === "NCHW" && Array.isArray(pad) ? moveChannelsLast(pad) as Pad : pad;
  return slidingWindow(
    shape.slice(1, -1),
    filterShape.slice(0, 2),
    { ...attributes, pad: pads },
    output?.shape.slice(1, -1),
  );
}

function attributesOf(type: string, dtype: number, window: Window) {
  const attributes = [
    attribute.type("T", dtype),
    attribute.int("strides", window.strides),
    attribute.string("padding", window.padding),
    attribute.string("data_format", "NHWC"),
    attribute.int("dilations", window.dilations),
  ];
  if (window.padding === "EXPLICIT") {
    attributes.push(attribute.int("explicit_paddings", window.pads.flat()));
  }
  if (type.startsWith("Conv2D")) attributes.push(attribute.bool("use_cudnn_on_gpu", true));
  return attributes;
}

function channelsLast(
  operations: Operations,
  x: Value,
  { dataFormat }: ConvolutionAttributes,
): Value {
  return dataFormat === "NCHW" ? operations.transpose(x, [0, 2, 3, 1]) : x;
}

function channelsFirst(
  operations: Operations,
  x: Value,
  { dataFormat }: ConvolutionAttributes,
): Value {
  return dataFormat === "NCHW" ? operations.transpose(x, [0, 3, 1, 2]) : x;
}

function moveChannelsLast<T>(sizes: readonly T[]): T[] {
  return [sizes[0]!, ...sizes.slice(2), sizes[1]!];
}
