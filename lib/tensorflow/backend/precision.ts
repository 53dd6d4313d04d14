import { isBranch } from "../tree.ts";
import { backend, tf } from "./backend.ts";
import type { Precision } from "./binding.ts";

/** All precisions. */
export const PRECISIONS: readonly Precision[] = ["float32", "bfloat16"];

/**
 * Runs `body` by a policy of precision. With `bfloat16`, convolutions and matrix products, their
 * gradients, and what lies between them are computed in bfloat16, which has float32's range and 8
 * bits of its mantissa; all else, reductions, losses and updates of parameters too, stays float32.
 * Tensors of bfloat16 are float32 to TensorFlow.js; those of the result become float32 again.
 *
 * ```ts
 * import { tf, withPrecision } from "sam";
 *
 * const product = withPrecision("bfloat16", () => tf.matMul(tf.fill([1, 1], 1.001), tf.ones([1, 1])));
 * console.log(product.dtype, product.dataSync()[0]); // float32 1: bfloat16 has 8 bits of the mantissa
 * ```
 *
 * Source: Kalamkar et al. 2019; no loss scaling is needed, as nothing overflows that does not in
 * float32.
 *
 * @throws RangeError for another precision
 */
export function withPrecision<T>(precision: Precision, body: () => T): T {
  if (!PRECISIONS.includes(precision)) {
    throw new RangeError(
      `Cannot compute in ${precision}: choose from ${PRECISIONS.join(", ")}`,
    );
  }
  const { binding } = backend;
  const before = binding.precision;
  if (precision === before) return body();
  binding.precision = precision;
  try {
    const result = body();
    if (precision === "bfloat16") widenLeaves(result);
    return result;
  } finally {
    binding.precision = before;
  }
}

function widenLeaves(tree: unknown): void {
  if (tree instanceof tf.Tensor) backend.widen(tree);
  else if (isBranch(tree)) Object.values(tree).forEach(widenLeaves);
}
