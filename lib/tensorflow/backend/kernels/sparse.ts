import { attribute, DType } from "../../native/mod.ts";
import { type Kernel, kernel, type Operations, type Value } from "./_execute.ts";
import { withSpecifiedMessages } from "./_messages.ts";

interface FillInputs {
  readonly indices: Value;
  readonly values: Value;
  readonly denseShape: Value;
  readonly defaultValue: Value;
}

/** Tensors of few values: their indices are int64 to TensorFlow. */
export const sparse: readonly Kernel[] = [
  kernel<FillInputs>(
    "SparseFillEmptyRows",
    (operations, { indices, values, denseShape, defaultValue }) => {
      const inputs = [
        operations.cast(indices, DType.int64),
        values,
        operations.cast(denseShape, DType.int64),
        defaultValue,
      ];
      const [filled, filledValues, emptyRows, reverse] = withSpecifiedMessages(() =>
        operations.many("SparseFillEmptyRows", inputs, [attribute.type("T", values.dtype)], 4)
      );
      return [
        operations.cast(filled!, DType.int32),
        filledValues!,
        emptyRows!,
        operations.cast(reverse!, DType.int32),
      ];
    },
  ),
  kernel<{ inputIndices: Value; inputShape: Value; newShape: Value }>(
    "SparseReshape",
    (operations, { inputIndices, inputShape, newShape }) => {
      const inputs = [inputIndices, inputShape, newShape]
        .map((input) => operations.cast(input, DType.int64));
      return withSpecifiedMessages(() => operations.many("SparseReshape", inputs, [], 2))
        .map((output) => operations.cast(output, DType.int32));
    },
  ),
  ...(["SparseSegmentSum", "SparseSegmentMean"] as const).map((type) =>
    kernel<{ data: Value; indices: Value; segmentIds: Value }>(
      type,
      (operations, { data, indices, segmentIds }) =>
        withSpecifiedMessages(() => segment(operations, type, data, indices, segmentIds)),
    )
  ),
];

function segment(
  operations: Operations,
  type: string,
  data: Value,
  indices: Value,
  segmentIds: Value,
): Value {
  // TensorFlow has no mean of integers.
  const values = type === "SparseSegmentMean" ? operations.cast(data, DType.float32) : data;
  const result = operations.one(type, [values, indices, segmentIds], [
    attribute.type("T", values.dtype),
    attribute.type("Tidx", DType.int32),
    attribute.type("Tsegmentids", DType.int32),
  ]);
  return operations.cast(result, data.dtype);
}
