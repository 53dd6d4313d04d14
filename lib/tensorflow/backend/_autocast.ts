import {
  type Attribute,
  attribute,
  DType,
  listLength,
  opDefinition,
  type TensorMetadata,
} from "../native/mod.ts";

/**
 * Convolutions and matrix products with their gradients: in bfloat16 wherever the policy holds.
 * oneDNN and Eigen sum their products in float32.
 */
const PRODUCTS: ReadonlySet<string> = new Set([
  "Conv2D",
  "Conv2DBackpropInput",
  "Conv2DBackpropFilter",
  "DepthwiseConv2dNative",
  "DepthwiseConv2dNativeBackpropInput",
  "DepthwiseConv2dNativeBackpropFilter",
  "MatMul",
  "BatchMatMulV2",
]);

/**
 * What follows one of its inputs into bfloat16: batch norm, whose statistics, scale and bias are
 * float32 all the same, and gradients, which follow the pass that they belong to.
 */
const FOLLOWING: ReadonlySet<string> = new Set([
  "FusedBatchNormV3",
  "FusedBatchNormGradV3",
  "ReluGrad",
  "AvgPoolGrad",
  "MaxPoolGrad",
]);

/** What lies between products: in bfloat16 where all of its inputs are, but for factors. */
const BETWEEN: ReadonlySet<string> = new Set([
  "Add",
  "AddN",
  "AddV2",
  "AvgPool",
  "ConcatV2",
  "Identity",
  "MaxPool",
  "Mul",
  "Pad",
  "PadV2",
  "Relu",
  "Reshape",
  "Sigmoid",
  "Slice",
  "Split",
  "SplitV",
  "Sub",
  "Transpose",
]);

/** What runs operations and knows the dtypes of their inputs. */
export interface AutocastHost {
  dtype(id: number): number;
  /** Whether it is a number, or one for each image, [batch, 1, 1, 1], as shakes draw. */
  isFactor(id: number): boolean;
  /** A tensor of the same values in another dtype. */
  cast(id: number, from: number, to: number): number;
  run(
    type: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): TensorMetadata[];
  /** Called for each cast that is done with, and each output that was not asked for. */
  release(id: number): void;
}

/**
 * Runs an operation in the dtype that the policy gives it; its float32 and bfloat16 inputs are cast to
 * that. What is in no list above is in float32: reductions, losses, the optimizer.
 *
 * TensorFlow.js knows no bfloat16: such tensors are float32 to it, and only TensorFlow tells.
 *
 * @param narrow whether products begin to be in bfloat16 here
 */
export function runCast(
  host: AutocastHost,
  narrow: boolean,
  type: string,
  attributes: readonly Attribute[],
  inputs: readonly number[],
  outputs: number,
): TensorMetadata[] {
  const dtypes = inputs.map((id) => host.dtype(id));
  if (!dtypes.includes(DType.bfloat16) && !(narrow && PRODUCTS.has(type))) {
    return host.run(type, attributes, inputs, outputs);
  }
  if (type === "Cast") return host.run(type, castFrom(attributes, dtypes[0]!), inputs, outputs);
  if (type === "FusedBatchNorm") {
    // Its third version is the one that knows bfloat16, with one output more.
    const types = [...attributes, attribute.type("U", DType.float32)];
    const results = runCast(host, narrow, "FusedBatchNormV3", types, inputs, outputs + 1);
    host.release(results.pop()!.id);
    return results;
  }
  const isTyped = typedInputs(type, attributes);
  const floats = inputs
    .filter((id, index) => isTyped[index] && isFloat(dtypes[index]!) && !host.isFactor(id))
    .map((id) => host.dtype(id));
  const narrows = isNarrow(type, floats, narrow);
  const wanted = (index: number) => narrows && isTyped[index] ? DType.bfloat16 : DType.float32;
  const casts: number[] = [];
  const ids = inputs.map((id, index) => {
    const dtype = dtypes[index]!;
    if (!isFloat(dtype) || dtype === wanted(index)) return id;
    const cast = host.cast(id, dtype, wanted(index));
    casts.push(cast);
    return cast;
  });
  try {
    return host.run(type, narrows ? typed(attributes) : attributes, ids, outputs);
  } finally {
    for (const cast of casts) host.release(cast);
  }
}

function isFloat(dtype: number): boolean {
  return dtype === DType.float32 || dtype === DType.bfloat16;
}

function isNarrow(type: string, floats: readonly number[], narrow: boolean): boolean {
  const has = floats.includes(DType.bfloat16);
  const all = has && !floats.includes(DType.float32);
  if (PRODUCTS.has(type)) return narrow || all;
  return FOLLOWING.has(type) ? has : BETWEEN.has(type) && all;
}

/** By input, whether the attribute T tells its dtype. */
function typedInputs(type: string, attributes: readonly Attribute[]): boolean[] {
  const { inputs, types } = opDefinition(type);
  return inputs.flatMap((arg, index) => {
    const count = arg === 1 ? 1 : listLength(arg, attributes);
    return new Array<boolean>(count).fill(types[index] === "T");
  });
}

function typed(attributes: readonly Attribute[]): Attribute[] {
  return attributes.map((given) =>
    given.name === "T" ? attribute.type("T", DType.bfloat16) : given
  );
}

function castFrom(attributes: readonly Attribute[], dtype: number): Attribute[] {
  return attributes.map((given) => given.name === "SrcT" ? attribute.type("SrcT", dtype) : given);
}
