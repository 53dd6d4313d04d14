import { attribute, DType } from "../../native/mod.ts";
import { type Kernel, kernel, type Value } from "./_execute.ts";

/** One value at a time, as TensorFlow.js defines it for NaN and integers. */
export const elementwise: readonly Kernel[] = [
  kernel<{ a: Value; b: Value }>(
    "BitwiseAnd",
    (operations, { a, b }) => operations.plain("BitwiseAnd", a, b),
  ),
  kernel<{ x: Value }, { alpha: number }>("LeakyRelu", (operations, { x }, { alpha }) => {
    const features = operations.cast(x, isInteger(x) ? DType.float32 : x.dtype);
    const attributes = [attribute.float("alpha", alpha), attribute.type("T", features.dtype)];
    return operations.one("LeakyRelu", [features], attributes);
  }),
  // tfjs-node's kernel neither broadcasts nor accepts two dtypes.
  kernel<{ condition: Value; t: Value; e: Value }>(
    "Select",
    (operations, { condition, t, e }) => {
      // A vector chooses along the first axis.
      const ones = Array.from({ length: Math.max(0, t.shape.length - 1) }, () => 1);
      const isVector = condition.shape.length === 1 && ones.length > 0;
      const choice = isVector
        ? operations.reshape(condition, [condition.shape[0]!, ...ones])
        : condition;
      return operations.select(choice, ...operations.promoted(t, e));
    },
  ),
  // TensorFlow 2.21 rounds integers to 0.
  kernel<{ x: Value }>(
    "Round",
    (operations, { x }) => isInteger(x) ? x : operations.plain("Round", x),
  ),
  // TensorFlow's ends the process for empty rows if there are 2³¹ of them.
  kernel<{ logits: Value }>(
    "Softmax",
    (operations, { logits }) =>
      operations.unlessEmpty(logits.shape, logits, () => operations.plain("Softmax", logits)),
  ),
  // TensorFlow's sign of NaN is NaN, TensorFlow.js's is 0.
  kernel<{ x: Value }>("Sign", (operations, { x }) => {
    const sign = operations.plain("Sign", x);
    return isInteger(x) ? sign : operations.select(
      operations.plain("IsNan", x),
      operations.scalar(0, x.dtype),
      sign,
    );
  }),
  kernel<{ x: Value }, { alpha: number }>("Step", (operations, { x }, { alpha }) => {
    const positive = operations.plain("Greater", x, operations.scalar(0, x.dtype));
    const step = alpha === 0 ? operations.cast(positive, x.dtype) : operations.select(
      positive,
      operations.scalar(1, x.dtype),
      operations.scalar(alpha, x.dtype),
    );
    return isInteger(x) ? step : operations.select(operations.plain("IsNan", x), x, step);
  }),
  // In float32 TensorFlow's tangent is off by more than a rounding near its poles.
  kernel<{ x: Value }>("Tan", (operations, { x }) => {
    const exact = operations.plain("Tan", operations.cast(x, DType.float64));
    return operations.cast(exact, DType.float32);
  }),
];

function isInteger({ dtype }: Value): boolean {
  return dtype === DType.int32 || dtype === DType.bool;
}
