/**
 * TensorFlow.js's backend `tensorflow`: tfjs-node's kernels on today's libtensorflow. Importing
 * this module registers it and makes it the current backend.
 *
 * @module
 */
import "./_polyfill.ts";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js";
import {
  type Attribute,
  attribute,
  DType,
  dtypeCode,
  dtypeName,
  nearestTensorFlowJsDtype,
  requireAxes,
  requireShape,
  tensorFlowJsDtype,
  type TensorMetadata,
} from "../native/mod.ts";
import { NodeBackend } from "./_node_backend.ts";
import { isSameShape, TensorData, TensorMap } from "./_tensor_map.ts";
import { TensorFlowBinding } from "./binding.ts";
import { guardKernels, registerKernels } from "./kernels/mod.ts";

/** What is known of an output before it is there. */
export interface OutputInfo {
  readonly shape: number[];
  readonly dtype: tf.DataType;
  /** TensorFlow's code, which may be of a dtype that TensorFlow.js lacks. */
  readonly code: number;
}

/** tfjs-node's backend, able to trace, with every handle owned. */
class TensorFlowBackend extends NodeBackend {
  // Handles are released when tensors are disposed, or when forgotten tensors are collected.
  readonly #forgotten = new FinalizationRegistry<readonly number[]>((ids) =>
    ids.forEach((id) => this.binding.deleteTensor(id))
  );

  constructor() {
    super(new TensorFlowBinding(), "@tensorflow/tfjs-node");
    this.tensorMap = new TensorMap(this as unknown as tf.KernelBackend, tf.engine());
  }

  /**
   * Runs an operation; its outputs become tensors, of the nearest dtype that TensorFlow.js has.
   *
   * @throws TypeError for an input of another dtype than the attribute for it says
   */
  run(
    type: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.TensorInfo[],
    outputs = 1,
  ): tf.Tensor[] {
    const ids = this.getInputTensorIds(inputs);
    this.binding.requireTypes(type, attributes, ids);
    return this.binding.executeOp(type, attributes, ids, outputs)
      .map((metadata) => this.createOutputTensor(metadata));
  }

  /**
   * Makes tensors of the outputs of one call, whose metadata are known. If they are forgotten, they
   * are released together.
   */
  adopt(ids: readonly number[], outputs: readonly OutputInfo[]): tf.Tensor[] {
    const call = { left: ids.length };
    this.#forgotten.register(call, ids, call);
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
      this.#forgotten.register(tensor.dataId, [data.id], tensor.dataId);
    }
    return isSameShape(data.shape, tensor.shape) ? data.id : this.#view(tensor.shape, data);
  }

  override getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[] {
    const { trace } = this.binding;
    return tensors.map((tensor) => {
      requireAxes(tensor.shape);
      if ((tensor as { dtype: string }).dtype === "int64") return this.#int64Scalar(tensor);
      return trace === undefined ? this.handleId(tensor) : this.#tracedId(tensor);
    });
  }

  override createOutputTensor(metadata: TensorMetadata): tf.Tensor {
    const { trace } = this.binding;
    let { id, shape, dtype } = metadata;
    const nearest = nearestTensorFlowJsDtype(dtype);
    // Encoded images are strings labelled as another dtype; their bytes are read as they are.
    if (nearest !== undefined && this.binding.dtype(id) === dtype) {
      id = this.#cast(id, dtype, nearest);
      dtype = nearest;
    }
    const name = dtype === DType.uint8 ? "int32" : tensorFlowJsDtype(dtype);
    if (name === undefined) {
      this.binding.deleteTensor(id);
      throw new TypeError(`Cannot make a tensor of ${dtypeName(dtype)}: TensorFlow.js has none`);
    }
    const code = this.binding.isMixed ? this.binding.dtype(id) : dtype;
    const dataId = this.tensorMap.hold(new TensorData(shape, code, { id }));
    if (trace === undefined) this.#forgotten.register(dataId, [id], dataId);
    return this.#tensor({ dataId, shape, dtype: name });
  }

  /** Whether what is a float32 tensor to TensorFlow.js is held in bfloat16. */
  isBfloat16(tensor: tf.TensorInfo): boolean {
    return this.#data(tensor).dtype === DType.bfloat16;
  }

  /** Puts float32 values in the place of bfloat16 ones, under all tensors that share them. */
  widen(tensor: tf.TensorInfo): void {
    const data = this.#data(tensor);
    if (data.dtype !== DType.bfloat16) return;
    const { binding } = this;
    const { id } = data;
    const types = [attribute.type("SrcT", DType.bfloat16), attribute.type("DstT", DType.float32)];
    const isNode = this.isNode(tensor);
    const wide = isNode
      ? binding.cast(id, DType.bfloat16, DType.float32)
      : binding.execute("Cast", types, [id], 1)[0]!;
    this.#release(tensor.dataId, data);
    Object.assign(data, { id: wide, dtype: DType.float32, views: undefined });
    if (!isNode) this.#forgotten.register(tensor.dataId, [wide], tensor.dataId);
  }

  /** The data under another tensor. In a trace, data from outside come in as its input. */
  identity(x: tf.TensorInfo): tf.TensorInfo {
    const data = this.#data(x);
    if (this.binding.trace !== undefined && !data.traced && !this.isNode(x)) {
      const id = this.#tracedId(x);
      return this.createOutputTensor({ id, shape: x.shape, dtype: data.dtype });
    }
    return this.#share(x, x.shape);
  }

  /** The data under a tensor of another shape of as many elements. */
  reshape(x: tf.TensorInfo, shape: readonly number[]): tf.TensorInfo {
    const size = tf.util.sizeFromShape(x.shape);
    const sizes = tf.util.inferFromImplicitShape([...shape], size);
    if (tf.util.sizeFromShape(sizes) !== size) {
      throw new RangeError(
        `Cannot reshape [${x.shape}] to [${sizes}]: they differ in their elements`,
      );
    }
    requireShape(sizes);
    return this.#share(x, sizes);
  }

  /** The data under another tensor, if they are of that dtype already. */
  cast(x: tf.TensorInfo, dtype: tf.DataType): tf.TensorInfo | undefined {
    // Decoded images are bytes labelled int32, and bfloat16 is labelled float32.
    const code = this.isBfloat16(x) ? DType.float32 : this.#data(x).dtype;
    return code === dtypeCode(dtype) ? this.identity(x) : undefined;
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.tensorMap.has(dataId)) return true;
    const data = this.tensorMap.get(dataId);
    if (--data.refCount > 0 && !force) return false;
    if (data.id >= 0) this.#release(dataId, data);
    this.tensorMap.delete(dataId);
    return true;
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

  #share({ dataId, dtype }: tf.TensorInfo, shape: number[]): tf.TensorInfo {
    this.incRef(dataId);
    return { dataId, shape, dtype };
  }

  /** Releases the handles of data, of which nobody is told any more when they are garbage. */
  #release(dataId: object, { id, call, views }: TensorData): void {
    this.binding.deleteTensor(id);
    if (call === undefined) this.#forgotten.unregister(dataId);
    else if (--call.left === 0) this.#forgotten.unregister(call);
    if (views === undefined) return;
    views.ids.forEach((view) => this.binding.deleteTensor(view));
    this.#forgotten.unregister(views);
  }

  /** A handle of data in the shape of one of their tensors, which shares their memory. */
  #view(shape: readonly number[], data: TensorData): number {
    if (data.views === undefined) {
      data.views = { shapes: [], ids: [] };
      this.#forgotten.register(data.views, data.views.ids, data.views);
    }
    const { shapes, ids } = data.views;
    const known = shapes.findIndex((other) => isSameShape(other, shape));
    if (known >= 0) return ids[known]!;
    const { binding } = this;
    const sizes = BigInt64Array.from(shape, BigInt);
    const target = binding.createHandle([shape.length], DType.int64, sizes);
    const types = [attribute.type("T", data.dtype), attribute.type("Tshape", DType.int64)];
    const [id] = binding.execute("Reshape", types, [data.id, target], 1);
    binding.deleteTensor(target);
    shapes.push([...shape]);
    ids.push(id!);
    return id!;
  }

  /** [1, 3]: values that are all the same are one bucket around that, which tfjs-node cannot make. */
  override buckets(data: tf.Tensor, count?: number): tf.Tensor {
    const isOne = data.size > 0 &&
      tf.tidy(() => tf.equal(tf.min(data), tf.max(data)).dataSync()[0] === 1);
    if (!isOne) return super.buckets(data, count);
    const value = tf.tidy(() => tf.min(data).dataSync()[0]!);
    return tf.tensor2d([[value - 0.5, value + 0.5, data.size]]);
  }

  // The backend is passed, since the current one may be another.
  #tensor(info: tf.TensorInfo): tf.Tensor {
    return tf.engine().makeTensorFromTensorInfo(info, this as unknown as tf.KernelBackend);
  }

  /** What stands for a tensor in the trace under construction. */
  #tracedId(tensor: tf.TensorInfo): number {
    const trace = this.binding.trace!;
    const data = this.#data(tensor);
    if (data.values !== null && data.traced) {
      // The values stay: libraries keep some constants, which must be usable after the trace.
      if (!isSameShape(data.shape, tensor.shape)) {
        return this.binding.createTensor([...tensor.shape], data.dtype, data.values);
      }
      let id = trace.constants.get(tensor.dataId);
      if (id === undefined) {
        id = this.binding.createTensor(data.shape, data.dtype, data.values);
        trace.constants.set(tensor.dataId, id);
      }
      return id;
    }
    if (data.values === null && trace.output(data.id) !== undefined) return data.id;
    if (data.values === null && trace.outer?.output(data.id) !== undefined) {
      throw new Error(
        `Cannot trace ${trace.name}: it uses a tensor of shape [${tensor.shape}] of ` +
          `${trace.outer.name} besides its arguments. Pass it as an argument`,
      );
    }
    this.widen(tensor);
    // Keyed by the tensor, not by its data: a variable is read again at each call.
    const id = this.handleId(tensor);
    const key = tensor instanceof tf.Variable ? tensor : id === data.id ? tensor.dataId : id;
    return trace.capture(key, data.dtype, tensor.shape, () => {
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

function codeOf(dtype: tf.DataType): number {
  return (dtype as string) === "int64" ? DType.int64 : dtypeCode(dtype);
}

/** The backend's one instance. */
export const backend: TensorFlowBackend = new TensorFlowBackend();
export type { TensorFlowBackend };

tf.registerBackend("tensorflow", () => backend as unknown as tf.KernelBackend, 3);
await tf.setBackend("tensorflow");
registerKernels("tensorflow");
guardKernels("tensorflow");
replaceKernel(tf.Identity, () => ({ inputs }) => backend.identity(inputs.x!));
// In a trace they are nodes.
replaceKernel(tf.Reshape, (node) => (parameters) => {
  const { inputs, attrs } = parameters;
  if (backend.binding.trace !== undefined) return node(parameters);
  return backend.reshape(inputs.x!, attrs!.shape as number[]);
});
replaceKernel(
  tf.Cast,
  (node) => (parameters) =>
    backend.cast(parameters.inputs.x!, parameters.attrs!.dtype as tf.DataType) ?? node(parameters),
);

function replaceKernel(
  kernelName: string,
  replace: (kernelFunc: tf.KernelFunc) => tf.KernelFunc,
): void {
  const { kernelFunc } = tf.getKernel(kernelName, "tensorflow");
  tf.unregisterKernel(kernelName, "tensorflow");
  tf.registerKernel({ kernelName, backendName: "tensorflow", kernelFunc: replace(kernelFunc) });
}

export { tf };
