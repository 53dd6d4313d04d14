import * as tf from "@tensorflow/tfjs";

/**
 * `tf.tidy` for results whose types TensorFlow.js does not know, such as trees.
 *
 * ```ts
 * import { tf, tidy } from "sam";
 *
 * const state = tidy(() => ({ w: tf.add(tf.scalar(1), 1), step: { count: tf.scalar(3) } }));
 * console.log(state.w.dataSync()[0]); // 2; what the sum was made of is disposed
 * ```
 */
export function tidy<T>(body: () => T): T {
  return tf.tidy(() => body() as unknown as tf.TensorContainer) as unknown as T;
}
