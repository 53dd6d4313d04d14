import { attribute, backend, DType, type tf } from "../tensorflow/mod.ts";
import { withGradient } from "./_with_gradient.ts";

const attributes = [attribute.type("T", DType.float32)];

/**
 * max(x, 0), with TensorFlow's fused gradient, which is 0 at 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nn, tf } from "sam";
 *
 * assertEquals([...nn.relu(tf.tensor([-1, 0, 2])).dataSync()], [0, 0, 2]);
 * ```
 */
export function relu<T extends tf.Tensor>(x: T): T {
  return withGradient(
    [x],
    (x) => {
      const value = backend.run("Relu", attributes, [x])[0]!;
      return { value, saved: [value] };
    },
    (dy, [y]) => backend.run("ReluGrad", attributes, [dy, y!])[0]!,
  ) as T;
}
