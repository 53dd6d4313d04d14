import { attribute } from "../../native/mod.ts";
import type { Operations, Value } from "./_execute.ts";

/** What TensorFlow.js's fused kernels apply after their bias. */
export interface ActivationAttributes {
  readonly activation?: string | null;
  readonly leakyreluAlpha?: number;
}

const plain: Record<string, string> = {
  relu: "Relu",
  relu6: "Relu6",
  elu: "Elu",
  sigmoid: "Sigmoid",
};

/** Applies the activation of a fused kernel. */
export function activate(
  operations: Operations,
  x: Value,
  { activation, leakyreluAlpha }: ActivationAttributes,
  alpha?: Value,
): Value {
  if (activation === undefined || activation === null || activation === "linear") return x;
  if (activation === "leakyrelu") {
    const attributes = [
      attribute.float("alpha", leakyreluAlpha ?? 0.2),
      attribute.type("T", x.dtype),
    ];
    return operations.one("LeakyRelu", [x], attributes);
  }
  if (activation === "prelu" && alpha !== undefined) {
    const positive = operations.plain("Greater", x, operations.scalar(0, x.dtype));
    return operations.select(positive, x, operations.plain("Mul", x, alpha));
  }
  const type = plain[activation];
  if (type === undefined) {
    throw new TypeError(`Cannot apply activation ${activation}: TensorFlow has none of that name`);
  }
  return operations.plain(type, x);
}
