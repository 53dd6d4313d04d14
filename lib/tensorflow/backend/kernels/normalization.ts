import { attribute } from "../../native/mod.ts";
import { type Kernel, kernel, type Value } from "./_execute.ts";

interface NormalizationAttributes {
  readonly depthRadius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

/**
 * Local response normalization. TensorFlow's ends the process for nothing of 2³¹ pixels or channels,
 * and where there is no memory for its square matrix of channels.
 */
export const normalization: readonly Kernel[] = [
  kernel<{ x: Value }, NormalizationAttributes>(
    "LRN",
    (operations, { x }, attributes) =>
      operations.unlessEmpty(x.shape, x, () => {
        const channels = x.shape[3]!;
        // With these exponents it sums without the matrix.
        const isSummed = attributes.beta === 0.5 || attributes.beta === 1;
        if (!isSummed) operations.requireResult([channels, channels], x.dtype);
        return operations.one("LRN", [x], attributesOf(x, attributes));
      }),
  ),
  kernel<{ x: Value; y: Value; dy: Value }, NormalizationAttributes>(
    "LRNGrad",
    (operations, { x, y, dy }, attributes) =>
      operations.unlessEmpty(
        x.shape,
        dy,
        () => operations.one("LRNGrad", [dy, x, y], attributesOf(dy, attributes)),
      ),
  ),
];

function attributesOf(x: Value, { depthRadius, bias, alpha, beta }: NormalizationAttributes) {
  return [
    attribute.type("T", x.dtype),
    attribute.int("depth_radius", depthRadius),
    attribute.float("bias", bias),
    attribute.float("alpha", alpha),
    attribute.float("beta", beta),
  ];
}
