import { DType } from "../../native/mod.ts";
import type { Operations, Value } from "./_execute.ts";

/**
 * A convolution by TensorFlow's own kernel where oneDNN's is wrong. In TensorFlow 2.21 that is the case
 * if the strides of rows and columns differ: always over volumes, and over images of one channel or
 * with one column of output. For float64 oneDNN has no kernel.
 */
export function withoutOneDnn(
  operations: Operations,
  isWrong: boolean,
  inputs: readonly [Value, Value],
  convolve: (inputs: readonly Value[], dtype: number) => Value,
): Value {
  const [{ dtype }] = inputs;
  if (!isWrong) return convolve(inputs, dtype);
  const doubles = inputs.map((input) => operations.cast(input, DType.float64));
  return operations.cast(convolve(doubles, DType.float64), dtype);
}
