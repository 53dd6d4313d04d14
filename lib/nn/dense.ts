import { tf } from "../tensorflow/mod.ts";
import { type Initializer, uniformFanOut, zeros } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/**
 * `input` [batch, inputs] · `kernel` [inputs, outputs] + `bias` [outputs], the bias zero at first.
 */
export function dense(
  scope: Scope,
  input: tf.Tensor,
  outputs: number,
  { initializer = uniformFanOut }: { readonly initializer?: Initializer } = {},
): tf.Tensor2D {
  const kernel = scope.param("kernel", [input.shape[1]!, outputs], initializer);
  const bias = scope.param("bias", [outputs], zeros);
  return tf.add(tf.matMul(input as tf.Tensor2D, kernel as tf.Tensor2D), bias);
}
