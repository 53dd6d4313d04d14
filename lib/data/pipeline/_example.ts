import { attribute, backend, DType, tf } from "../../tensorflow/mod.ts";
import type { RecordLayout } from "../types.ts";

/**
 * The image and the class of a serialized `tf.train.Example`, in a function for data sets.
 *
 * @param record a string
 * @returns the encoded image, a string, and its label from 0, int32; scalars. A label that is not a class
 *   ends the epoch with an error
 */
export function parseExample(
  record: tf.Tensor,
  { image, label, firstLabel }: RecordLayout,
  classes: number,
) {
  const { binding } = backend;
  // Without a default the features must be there; TensorFlow.js has no int64.
  const noText = binding.createTensor([0], DType.string, []);
  const noNumber = binding.createTensor([0], DType.int64, new BigInt64Array(0));
  const [encoded, number] = binding.executeOp(
    "ParseSingleExample",
    [
      attribute.int("num_sparse", 0),
      attribute.string("sparse_keys", []),
      attribute.string("dense_keys", [image, label]),
      attribute.type("sparse_types", []),
      attribute.type("Tdense", [DType.string, DType.int64]),
      attribute.shapes("dense_shapes", [[], []]),
    ],
    [...backend.getInputTensorIds([record]), noText, noNumber],
    2,
  );
  const found = tf.sub(backend.createOutputTensor(number!), tf.scalar(firstLabel, "int32"));
  return {
    image: backend.createOutputTensor(encoded!),
    // To look it up refuses a label that is not a class, which one-hot would pass over.
    label: tf.gather(tf.range(0, classes, 1, "int32"), found.reshape([1])).reshape([]),
  };
}
