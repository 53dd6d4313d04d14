import { averagePool } from "../nn/mod.ts";
import { tf } from "../tensorflow/mod.ts";

/**
 * A shortcut without parameters: average pooling by the stride, then channels of zeros after the
 * existing ones.
 *
 * Source: `_output_add` in `models/wide_resnet.py` and `_shortcut` in `models/pyramidnet.py` of the
 * reference.
 */
export function paddedShortcut(x: tf.Tensor, channels: number, strides: number): tf.Tensor {
  const missing = channels - x.shape[3]!;
  const pooled = strides === 1 ? x : averagePool(x, strides);
  return missing === 0 ? pooled : tf.pad(pooled, [[0, 0], [0, 0], [0, 0], [0, missing]]);
}
