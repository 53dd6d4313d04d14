import { attribute, DType } from "../../native/mod.ts";
import { type Kernel, kernel, type Value } from "./_execute.ts";

/** Search in sorted rows, and counts of values. */
export const search: readonly Kernel[] = [
  kernel<{ sortedSequence: Value; values: Value }, { side: "left" | "right" }>(
    "SearchSorted",
    (operations, { sortedSequence, values }, { side }) => {
      const inputs = operations.promoted(sortedSequence, values);
      return operations.one(side === "left" ? "LowerBound" : "UpperBound", inputs, [
        attribute.type("T", inputs[0].dtype),
        attribute.type("out_type", DType.int32),
      ]);
    },
  ),
  // TensorFlow's ends the process for 2³¹ rows of nothing.
  kernel<{ x: Value; weights: Value }, { size: number; binaryOutput?: boolean }>(
    "DenseBincount",
    (operations, { x, weights }, { size, binaryOutput }) => {
      const attributes = [
        attribute.type("Tidx", DType.int32),
        attribute.type("T", weights.dtype),
        attribute.bool("binary_output", binaryOutput ?? false),
      ];
      const inputs = [x, operations.int32(size), weights];
      if (!x.shape.includes(0)) return operations.one("DenseBincount", inputs, attributes);
      return operations.zeros([...x.shape.slice(0, -1), size], weights);
    },
  ),
];
