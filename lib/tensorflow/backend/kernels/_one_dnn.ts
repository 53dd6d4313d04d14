import { DType } from "../../native/mod.ts";
import type { Operations, Value } from "./_execute.ts";

/**
 * A convolution by TensorFlow itself where oneDNN's would be wrong: those of TensorFlow 2.21 are where a
 * window moves by other steps along the columns than along the rows, over volumes always, over images
 * of one channel or to one column. oneDNN has none for float64.
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
