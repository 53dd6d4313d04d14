import { backend, tf } from "../lib/tensorflow/mod.ts";
import { attribute, DType } from "../lib/tensorflow/native/mod.ts";

/** Of TensorFlow's clock, in which our tensors cannot be. */
const DOUBLE = 2;

/** How much later the second of two tensors is computed, for a function that is being traced. */
export function secondsBetween(first: tf.Tensor, second: tf.Tensor): tf.Tensor {
  const trace = backend.binding.trace!;
  const [from, to] = backend.getInputTensorIds([first, second]).map((id) =>
    trace.operation("Timestamp", [], [], 1, [trace.output(id)!])[0]!.output
  );
  const [between] = trace.operation("Sub", [attribute.type("T", DOUBLE)], [to!, from!], 1);
  const types = [attribute.type("SrcT", DOUBLE), attribute.type("DstT", DType.float32)];
  const { id } = trace.operation("Cast", types, [between!.output], 1)[0]!;
  return backend.createOutputTensor({ id, shape: [], dtype: DType.float32 });
}
