import { tf } from "../tensorflow/mod.ts";
import { checkRank, checkSizes } from "./_check.ts";
import { type Initializer, uniformFanOut, zeros } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/**
 * `input` [batch, inputs] · `kernel` [inputs, outputs] + `bias` [outputs], the bias zero at first.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn } from "sam";
 *
 * const layer = nn.model((scope, input) => nn.dense(scope, input, 10));
 * const { params, output } = layer.shapes([8, 784]);
 * assertEquals([...params], [["kernel", [784, 10]], ["bias", [10]]]);
 * assertEquals(output, [8, 10]);
 * ```
 *
 * @throws RangeError for outputs that are not a positive integer, or an input that is not of rank 2
 */
export function dense(
  scope: Scope,
  input: tf.Tensor,
  outputs: number,
  { initializer = uniformFanOut }: { readonly initializer?: Initializer } = {},
): tf.Tensor2D {
  checkSizes("connect", { outputs });
  checkRank("connect", input, ["batch", "inputs"]);
  return scope.layer(scope.eachGroup(input, (scope, input) => {
    const kernel = scope.param("kernel", [input.shape[1]!, outputs], initializer);
    const bias = scope.param("bias", [outputs], zeros);
    return tf.add(tf.matMul(input as tf.Tensor2D, kernel as tf.Tensor2D), bias);
  }));
}
