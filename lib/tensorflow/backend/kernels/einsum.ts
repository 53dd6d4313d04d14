import { attribute } from "../../native/mod.ts";
import { type Kernel, kernel, type Value } from "./_execute.ts";

/** Einstein summation. TensorFlow's lets output labels pass that no input has. */
export const einsum: Kernel = kernel<Record<string, Value>, { equation: string }>(
  "Einsum",
  (operations, inputs, { equation }) => {
    const tensors = Object.values(inputs);
    const [terms = "", result = ""] = equation.split("->");
    for (const label of result) {
      if (/[a-z]/i.test(label) && !terms.includes(label)) {
        throw new Error(
          `Output subscripts contain the label ${label} not present in the input subscripts.`,
        );
      }
    }
    return operations.one("Einsum", tensors, [
      attribute.int("N", tensors.length),
      attribute.string("equation", equation),
      attribute.type("T", tensors[0]!.dtype),
    ]);
  },
);
