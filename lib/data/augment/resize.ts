import { attribute, backend, DType, tf } from "../../tensorflow/mod.ts";

/**
 * Images [batch, height, width, channels], float32 or int32, brought to [batch, size, size, channels],
 * float32, by bicubic interpolation: as the reference finetunes EfficientNets on small images.
 *
 * Source: `tf.compat.v1.image.resize_bicubic`, whose pixels have their centres at whole numbers.
 *
 * @throws RangeError for a size that is not a positive integer
 */
export function resizeBicubic(images: tf.Tensor, size: number): tf.Tensor {
  if (!(Number.isInteger(size) && size > 0)) {
    throw new RangeError(`Cannot resize images to ${size}: it must be a positive integer`);
  }
  return tf.tidy(() =>
    backend.run(
      "ResizeBicubic",
      [
        attribute.type("T", images.dtype === "int32" ? DType.int32 : DType.float32),
        attribute.bool("align_corners", false),
        attribute.bool("half_pixel_centers", false),
      ],
      [images, tf.tensor1d([size, size], "int32")],
      1,
    )[0]!
  );
}
