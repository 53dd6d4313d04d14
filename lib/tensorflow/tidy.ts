import * as tf from "@tensorflow/tfjs";

/** `tf.tidy` for results whose types TensorFlow.js does not know, such as trees. */
export function tidy<T>(body: () => T): T {
  return tf.tidy(() => body() as unknown as tf.TensorContainer) as unknown as T;
}
