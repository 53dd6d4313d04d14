/**
 * TensorFlow.js's backend `tensorflow`: tfjs-node's kernels on today's libtensorflow. Importing
 * this module registers it and makes it the current backend.
 *
 * @module
 */
import "./_polyfill.ts";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js";
import { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js";
import { type Attribute, attribute } from "./_attributes.ts";
import {
  DType,
  dtypeCode,
  dtypeName,
  nearestTensorFlowJsDtype,
  tensorFlowJsDtype,
} from "./_dtypes.ts";
import { TensorFlowBinding, type TensorMetadata } from "./binding.ts";
import { registerKernels } from "./kernels/mod.ts";

/** What the backend holds for the data of a tensor. */
interface TensorData {
  shape: number[];
  dtype: number;
  /** The binding's id, or -1 while the values wait to be needed by an operation. */
  id: number;
  values: tf.backend_util.BackendValues | null;
  refCount: number;
  /** Whether the values came into being inside a trace, where they are a constant. */
  traced?: boolean;
}

/** The members that tfjs-node declares private and a subclass needs, named as there. */
interface Base {
  binding: TensorFlowBinding;
  tensorMap: tf.DataStorage<TensorData>;
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  move(
    dataId: object,
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void;
}

const Base = NodeJSKernelBackend as unknown as new (
  binding: TensorFlowBinding,
  packageName: string,
) => Omit<NodeJSKernelBackend, "binding" | "move"> & Base;

/** tfjs-node's backend, able to trace, with every handle owned. */
class TensorFlowBackend extends Base {
  // Handles are released when tensors are disposed; those of forgotten tensors with their garbage.
  readonly #forgotten = new FinalizationRegistry<number>((id) => this.binding.deleteTensor(id));

  constructor() {
    super(new TensorFlowBinding(), "@tensorflow/tfjs-node");
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

  /** A tensor that owns the handle of an output whose metadata are known. */
  adopt(id: number, shape: number[], dtype: tf.DataType, code: number): tf.Tensor {
    const dataId = {};
    this.tensorMap.set(dataId, { shape, dtype: code, id, values: null, refCount: 1 });
    this.#forgotten.register(dataId, id);
    return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype });
  }

  /** Whether there is data of that id. */
  holds(dataId: object): boolean {
    return this.tensorMap.has(dataId);
  }

  /** Whether a tensor was made in the trace under construction. */
  isTraced(tensor: tf.TensorInfo): boolean {
    const data = this.tensorMap.get(tensor.dataId);
    return data.traced === true || this.binding.trace?.output(data.id) !== undefined;
  }

  /** The handle of a tensor outside of traces. */
  handleId(tensor: tf.TensorInfo): number {
    const data = this.#data(tensor);
    if (data.values !== null) {
      data.id = this.binding.createHandle(data.shape, data.dtype, data.values);
      data.values = null;
      this.#forgotten.register(tensor.dataId, data.id);
    }
    return data.id;
  }

  override getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[] {
    const { trace } = this.binding;
    return tensors.map((tensor) => {
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
    const dataId = {};
    this.tensorMap.set(dataId, { shape, dtype, id, values: null, refCount: 1 });
    if (trace === undefined) this.#forgotten.register(dataId, id);
    else trace.dataIds.push(dataId);
    return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype: name });
  }

  override move(
    dataId: object,
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    const traced = this.binding.trace !== undefined;
    this.tensorMap.set(dataId, {
      shape,
      dtype: (dtype as string) === "int64" ? DType.int64 : dtypeCode(dtype),
      values,
      id: -1,
      refCount,
      traced,
    });
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
      const by = this.binding.trace === undefined
        ? ""
        : ` in the trace of ${this.binding.trace.name}`;
      throw new Error(`Cannot use a tensor of shape [${tensor.shape}]${by}: it was disposed`);
    }
    return this.tensorMap.get(tensor.dataId);
  }

  #cast(id: number, from: number, to: number): number {
    const attributes = [attribute.type("SrcT", from), attribute.type("DstT", to)];
    const [cast] = this.binding.executeOp("Cast", attributes, [id], 1);
    this.binding.deleteTensor(id);
    return cast!.id;
  }

  /** tfjs-node's own scalars, which nobody disposes. */
  #int64Scalar(tensor: tf.TensorInfo): number {
    const { valueArray } = tensor as unknown as { valueArray: Int32Array };
    const id = this.binding.createTensor([], DType.int64, valueArray);
    this.#forgotten.register(tensor, id);
    return id;
  }
}

/** The backend's one instance. */
export const backend: TensorFlowBackend = new TensorFlowBackend();
export type { TensorFlowBackend };

tf.registerBackend("tensorflow", () => backend as unknown as tf.KernelBackend, 3);
await tf.setBackend("tensorflow");
registerKernels("tensorflow");

export { tf };
