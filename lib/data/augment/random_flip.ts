import { attribute, backend, DType, random, tf } from "../../tensorflow/mod.ts";

/**
 * Images [batch, height, width, channels], float32 or int32, each mirrored from left to right with
 * probability ½.
 *
 * Source: `tf.image.random_flip_left_right`.
 *
 * @returns new images of the same shape and dtype
 */
export function randomFlip(images: tf.Tensor, seed: random.Seed): tf.Tensor {
  return tf.tidy(() => {
    const [count, height, width, channels] = images.shape as [number, number, number, number];
    const flips = tf.less(random.uniform(seed, [count]), 0.5);
    // TensorFlow reverses rows of three channels much faster than whole images.
    const mirrored = tf.reverse(images.reshape([-1, width, channels]), 1)
      .reshape([count, height, width, channels]);
    // Not `tf.where`, which would spread the conditions over all pixels.
    // By one condition for all, TensorFlow hands on one of the two, and copies nothing.
    const condition = count === 1 ? flips.reshape([]) : flips;
    const type = attribute.type("T", images.dtype === "int32" ? DType.int32 : DType.float32);
    return backend.run("Select", [type], [condition, mirrored, images], 1)[0]!;
  });
}
