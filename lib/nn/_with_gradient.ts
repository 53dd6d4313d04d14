import { tf } from "../tensorflow/mod.ts";

/** The value of an operation and what its gradient needs. */
interface Forward {
  readonly value: tf.Tensor;
  readonly saved: readonly tf.Tensor[];
}

/**
 * An operation with a gradient of its own.
 *
 * @param forward computes it from the inputs
 * @param backward the gradients by input, from the output's gradient and what was saved
 */
export function withGradient(
  inputs: readonly tf.Tensor[],
  forward: (...inputs: tf.Tensor[]) => Forward,
  backward: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor | tf.Tensor[],
): tf.Tensor {
  return tf.customGrad((...args) => {
    // TensorFlow.js passes the function that saves tensors after the inputs.
    const save = args.pop() as unknown as tf.GradSaveFunc;
    const { value, saved } = forward(...args as tf.Tensor[]);
    save([...saved]);
    return { value, gradFunc: backward };
  })(...inputs);
}
