import type * as tf from "@tensorflow/tfjs";
import { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js";
import type { TensorMetadata } from "../native/mod.ts";
import type { TensorMap } from "./_tensor_map.ts";
import type { TensorFlowBinding } from "./binding.ts";

type Values = tf.backend_util.BackendValues;

/** The members of tfjs-node's backend that it declares private and a subclass needs. */
interface Members {
  binding: TensorFlowBinding;
  tensorMap: TensorMap;
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  move(
    dataId: object,
    values: Values,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void;
  write(values: Values, shape: number[], dtype: tf.DataType): object;
  readSync(dataId: object): Values;
  disposeData(dataId: object, force?: boolean): boolean;
  buckets(data: tf.Tensor, count?: number): tf.Tensor;
}

/** tfjs-node's backend, open to subclasses. */
export const NodeBackend = NodeJSKernelBackend as unknown as new (
  binding: TensorFlowBinding,
  packageName: string,
) => Omit<NodeJSKernelBackend, keyof Members> & Members;
