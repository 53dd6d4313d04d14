/**
 * TensorFlow.js's backend `tensorflow`: tfjs-node's kernels on today's libtensorflow. Importing
 * this module registers it and makes it the current backend.
 *
 * @module
 */
import "./_polyfill.ts";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js";
import { type Attribute, attribute } from "./_attributes.ts";
import {
  DType,
  dtypeCode,
  dtypeName,
  nearestTensorFlowJsDtype,
  tensorFlowJsDtype,
} from "./_dtypes.ts";
import type { TensorMetadata } from "./_handles.ts";
import { NodeBackend } from "./_node_backend.ts";
import { TensorData, TensorMap } from "./_tensor_map.ts";
import { TensorFlowBinding } from "./binding.ts";
import { requireShape } from "./shape.ts";
import { registerKernels } from "./kernels/mod.ts";

/** What is known of an output before it is there. */
export interface OutputInfo {
  readonly shape: number[];
  readonly dtype: tf.DataType;
  /** TensorFlow's code, which may be of a dtype that TensorFlow.js lacks. */
  readonly code: number;
}

/** tfjs-node's backend, able to trace, with every handle owned. */
class TensorFlowBackend extends NodeBackend {
  // Handles are released when tensors are disposed; those of forgotten tensors with their garbage.
  readonly #forgotten = new FinalizationRegistry<readonly number[]>((ids) =>
    ids.forEach((id) => this.binding.deleteTensor(id))
  );

  constructor() {
    super(new TensorFlowBinding(), "@tensorflow/tfjs-node");
    this.tensorMap = new TensorMap(this as unknown as tf.KernelBackend, tf.engine());
  }

  /** Runs an operation; its outputs become tensors, of the nearest dtype that TensorFlow.js has. */
  run(
    type: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.TensorInfo[],
    outputs = 1,
  ): tf.Tensor[] {
    return this.binding.executeOp(type, attributes, this.getInputTensorIds(inputs), outputs)
      .map((metadata) => this.createOutputTensor(metadata));
  }

  /**
   * Makes tensors of the outputs of one call, whose metadata are known. Those of them that are
   * forgotten are released together.
   */
  adopt(ids: readonly number[], outputs: readonly OutputInfo[]): tf.Tensor[] {
    const call = {};
    this.#forgotten.register(call, ids);
    return outputs.map(({ shape, dtype, code }, index) => {
      const data = new TensorData(shape, code, { id: ids[index]!, call });
      return this.#tensor({ dataId: this.tensorMap.hold(data), shape, dtype });
    });
  }

  /** Whether a tensor stands for a node of the trace under construction. */
  isNode({ dataId }: tf.TensorInfo): boolean {
    if (!this.tensorMap.has(dataId)) return false;
    return this.binding.trace?.output(this.tensorMap.get(dataId).id) !== undefined;
  }

  /** The handle of a tensor outside of traces. */
  handleId(tensor: tf.TensorInfo): number {
    const data = this.#data(tensor);
    if (data.values !== null) {
      data.id = this.binding.createHandle(data.shape, data.dtype, data.values);
      data.values = null;
      this.#forgotten.register(tensor.dataId, [data.id]);
    }
    return data.id;
  }

  override getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[] {
    const { trace } = this.binding;
    return tensors.map((tensor) => {
      if (tensor.shape.length > MOST_AXES) refuseAxes(tensor);
      if ((tensor as { dtype: string }).dtype === "int64") return this.#int64Scalar(tensor);
      return trace === undefined ? this.handleId(tensor) : this.#tracedId(tensor);
    });
  }

  override createOutputTensor(metadata: TensorMetadata): tf.Tensor {
    const { trace } = this.binding;
    let { id, shape, dtype } = metadata;
    const nearest = nearestTensorFlowJsDtype(dtype);
    // Encoded images come as strings under a false name; their bytes are read as they are.
    if (nearest !== undefined && this.binding.dtype(id) === dtype) {
      id = this.#cast(id, dtype, nearest);
      dtype = nearest;
    }
    const name = dtype === DType.uint8 ? "int32" : tensorFlowJsDtype(dtype);
    if (name === undefined) {
      this.binding.deleteTensor(id);
      throw new TypeError(`Cannot make a tensor of ${dtypeName(dtype)}: TensorFlow.js has none`);
    }
    const dataId = this.tensorMap.hold(new TensorData(shape, dtype, { id }));
    if (trace === undefined) this.#forgotten.register(dataId, [id]);
    return this.#tensor({ dataId, shape, dtype: name });
  }

  /** The data under another tensor. In a trace, data from outside come in as its input. */
  identity(x: tf.TensorInfo): tf.TensorInfo {
    const { shape, dtype, traced } = this.#data(x);
    if (this.binding.trace !== undefined && !traced && !this.isNode(x)) {
      return this.createOutputTensor({ id: this.#tracedId(x), shape, dtype });
    }
    this.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  }

  /** @throws RangeError for a shape that TensorFlow cannot take */
  override write(
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
  ): object {
    requireShape(shape);
    const data = new TensorData(shape, codeOf(dtype), { values });
    data.traced = this.binding.trace !== undefined;
    return this.tensorMap.hold(data);
  }

  override move(
    dataId: object,
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    this.tensorMap.set(dataId, new TensorData(shape, codeOf(dtype), { values, refCount }));
  }

  /** @throws Error in a trace, for all but its constants: the values would be the same at every call */
  override readSync(dataId: object): tf.backend_util.BackendValues {
    const { trace } = this.binding;
    if (trace !== undefined && this.tensorMap.has(dataId)) {
      const { values, traced } = this.tensorMap.get(dataId);
      if (values === null || !traced) {
        throw new Error(
          `Cannot read a tensor's values while ${trace.name} is being traced: they are known only ` +
            "when it runs. Return the tensor and read it outside",
        );
      }
    }
    return super.readSync(dataId);
  }

  // Named, as the backend that is current may be another one.
  #tensor(info: tf.TensorInfo): tf.Tensor {
    return tf.engine().makeTensorFromTensorInfo(info, this as unknown as tf.KernelBackend);
  }

  /** What stands for a tensor in the trace under construction. */
  #tracedId(tensor: tf.TensorInfo): number {
    const trace = this.binding.trace!;
    const data = this.#data(tensor);
    if (data.values !== null && data.traced) {
      // The values stay: libraries keep some constants, which must be good after the trace too.
      let id = trace.constants.get(tensor.dataId);
      if (id === undefined) {
        id = this.binding.createTensor(data.shape, data.dtype, data.values);
        trace.constants.set(tensor.dataId, id);
      }
      return id;
    }
    if (data.values === null && trace.output(data.id) !== undefined) return data.id;
    // By the tensor, not by its data: a variable is read anew at each call.
    const key = tensor instanceof tf.Variable ? tensor : tensor.dataId;
    this.handleId(tensor);
    return trace.capture(key, data.dtype, data.shape, () => {
      if (!this.tensorMap.has(tensor.dataId)) {
        throw new Error(
          `Cannot run ${trace.name}: a tensor of shape [${tensor.shape}] that it uses besides ` +
            "its arguments was disposed. Pass it as an argument, or keep it",
        );
      }
      return this.handleId(tensor);
    });
  }

  #data(tensor: tf.TensorInfo): TensorData {
    // The data of a disposed tensor lives on while another tensor has it, as clones do.
    const isDisposed = tensor instanceof tf.Tensor && tensor.isDisposed;
    if (isDisposed && !this.tensorMap.has(tensor.dataId)) {
      const { trace } = this.binding;
      const where = trace === undefined ? "" : ` in the trace of ${trace.name}`;
      throw new Error(`Cannot use a tensor of shape [${tensor.shape}]${where}: it was disposed`);
    }
    return this.tensorMap.get(tensor.dataId);
  }

  #cast(id: number, from: number, to: number): number {
    const attributes = [attribute.type("SrcT", from), attribute.type("DstT", to)];
    try {
      return this.binding.executeOp("Cast", attributes, [id], 1)[0]!.id;
    } finally {
      this.binding.deleteTensor(id);
    }
  }

  /** tfjs-node's own scalars, which nobody disposes. */
  #int64Scalar(tensor: tf.TensorInfo): number {
    const { valueArray } = tensor as unknown as { valueArray: Int32Array };
    const id = this.binding.createTensor([], DType.int64, valueArray);
    this.#forgotten.register(tensor, [id]);
    return id;
  }
}

/** What operations make of two tensors of so many axes has fewer than TensorFlow's limit. */
const MOST_AXES = 126;

function refuseAxes({ shape }: tf.TensorInfo): never {
  throw new RangeError(
    `Cannot run an operation on a tensor of ${shape.length} axes: at most ${MOST_AXES} are safe, as ` +
      "a result of too many ends the process",
  );
}

function codeOf(dtype: tf.DataType): number {
  return (dtype as string) === "int64" ? DType.int64 : dtypeCode(dtype);
}

/** The backend's one instance. */
export const backend: TensorFlowBackend = new TensorFlowBackend();
export type { TensorFlowBackend };

tf.registerBackend("tensorflow", () => backend as unknown as tf.KernelBackend, 3);
await tf.setBackend("tensorflow");
registerKernels("tensorflow");
tf.unregisterKernel(tf.Identity, "tensorflow");
tf.registerKernel({
  kernelName: tf.Identity,
  backendName: "tensorflow",
  kernelFunc: ({ inputs }) => backend.identity(inputs.x!),
});

export { tf };
