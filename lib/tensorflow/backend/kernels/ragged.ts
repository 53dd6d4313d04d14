import { attribute, DType } from "../../native/mod.ts";
import { type Kernel, kernel, type Value } from "./_execute.ts";
import { withSpecifiedMessages } from "./_messages.ts";

interface GatherInputs {
  readonly paramsNestedSplits: readonly Value[];
  readonly paramsDenseValues: Value;
  readonly indices: Value;
}

interface ToTensorInputs {
  readonly shape: Value;
  readonly values: Value;
  readonly defaultValue: Value;
  readonly rowPartitionTensors: readonly Value[];
}

/** Tensors whose rows differ in length. */
export const ragged: readonly Kernel[] = [
  kernel<GatherInputs, { outputRaggedRank?: number }>(
    "RaggedGather",
    (operations, { paramsNestedSplits, paramsDenseValues, indices }, attributes) => {
      const rank = paramsNestedSplits.length;
      const outputRank = attributes.outputRaggedRank ?? rank + indices.shape.length - 1;
      return withSpecifiedMessages(() =>
        operations.many(
          "RaggedGather",
          [...paramsNestedSplits, paramsDenseValues, indices],
          [
            attribute.type("Tvalues", paramsDenseValues.dtype),
            attribute.type("Tindices", DType.int32),
            attribute.type("Tsplits", DType.int32),
            attribute.int("PARAMS_RAGGED_RANK", rank),
            attribute.int("OUTPUT_RAGGED_RANK", outputRank),
          ],
          outputRank + 1,
        )
      );
    },
  ),
  kernel<{ starts: Value; limits: Value; deltas: Value }>(
    "RaggedRange",
    (operations, { starts, limits, deltas }) =>
      withSpecifiedMessages(() =>
        operations.many(
          "RaggedRange",
          [starts, limits, deltas],
          [attribute.type("T", starts.dtype), attribute.type("Tsplits", DType.int32)],
          2,
        )
      ),
  ),
  kernel<ToTensorInputs, { rowPartitionTypes: readonly string[] }>(
    "RaggedTensorToTensor",
    (operations, { shape, values, defaultValue, rowPartitionTensors }, { rowPartitionTypes }) =>
      operations.one("RaggedTensorToTensor", [
        shape,
        values,
        defaultValue,
        ...rowPartitionTensors,
      ], [
        attribute.type("T", values.dtype),
        attribute.type("Tindex", DType.int32),
        attribute.type("Tshape", DType.int32),
        attribute.int("num_row_partition_tensors", rowPartitionTensors.length),
        attribute.string("row_partition_types", rowPartitionTypes),
      ]),
  ),
];
