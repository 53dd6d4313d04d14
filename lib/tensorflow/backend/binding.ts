import type { TFJSBinding } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js";
import {
  type Attribute,
  attribute,
  check,
  cName,
  context,
  deleteTensor,
  DType,
  dtypeName,
  Handles,
  isStarted,
  listDevices,
  listLength,
  newStatus,
  newTensor,
  notNull,
  opDefinition,
  type Pointer,
  readCString,
  requireResult,
  setAttributes,
  status,
  tensorflow,
  type TensorMetadata,
  Trace,
  type TraceOptions,
  type Values,
} from "../native/mod.ts";
import { type AutocastHost, runCast } from "./_autocast.ts";
import { SavedModels } from "./_saved_models.ts";

/** What convolutions, matrix products and what lies between them compute in. */
export type Precision = "float32" | "bfloat16";

/**
 * tfjs-node's native binding, on TensorFlow's C API: tensor handles under integer ids, and
 * operations on them by name. While a trace is open, operations become nodes of its graph.
 *
 * An id is the caller's until it is given to {@linkcode deleteTensor}.
 */
export class TensorFlowBinding implements TFJSBinding {
  readonly TF_FLOAT = DType.float32;
  readonly TF_INT32 = DType.int32;
  readonly TF_INT64 = DType.int64;
  readonly TF_BOOL = DType.bool;
  readonly TF_COMPLEX64 = DType.complex64;
  readonly TF_STRING = DType.string;
  readonly TF_RESOURCE = DType.resource;
  readonly TF_UINT8 = DType.uint8;
  readonly TF_ATTR_STRING = 0;
  readonly TF_ATTR_INT = 1;
  readonly TF_ATTR_FLOAT = 2;
  readonly TF_ATTR_BOOL = 3;
  readonly TF_ATTR_TYPE = 4;
  readonly TF_ATTR_SHAPE = 5;
  readonly TF_ATTR_RESOURCE = 20;
  readonly TensorMetadata = class {} as unknown as TFJSBinding["TensorMetadata"];
  readonly TFEOpAttr = class {} as unknown as TFJSBinding["TFEOpAttr"];

  readonly #handles = new Handles();
  readonly #savedModels = new SavedModels(this.#handles);
  #trace: Trace | undefined;
  #precision: Precision = "float32";
  /** Whether there may be tensors of bfloat16, which operations have to be asked about from then on. */
  #isMixed = false;

  get TF_Version(): string {
    return readCString(tensorflow().TF_Version());
  }

  /** Known from the first operation on, which starts TensorFlow; before it false. */
  isUsingGpuDevice(): boolean {
    return isStarted() && listDevices().some((device) => device.type === "GPU");
  }

  getNumOfTensors(): number {
    return this.#handles.size;
  }

  /** The trace under construction. */
  get trace(): Trace | undefined {
    return this.#trace;
  }

  /**
   * Runs `body` while operations become nodes of a new trace. The caller deletes its graph.
   *
   * @throws Error inside of another trace, unless its options say that it is a part of that
   */
  tracing<T>(name: string, options: TraceOptions, body: (trace: Trace) => T): T {
    const outer = this.#trace;
    if (outer !== undefined && !options.nested) {
      throw new Error(`Cannot trace ${name} while ${outer.name} is being traced`);
    }
    this.#trace = new Trace(name, () => this.#handles.nextId(), options, outer);
    try {
      return body(this.#trace);
    } finally {
      this.#trace = outer;
    }
  }

  /** What products are computed in: those of the trace under construction, or of this moment. */
  get precision(): Precision {
    return this.#precision;
  }

  set precision(precision: Precision) {
    this.#precision = precision;
    this.#isMixed ||= precision === "bfloat16";
  }

  /** Whether tensors may be of bfloat16 under the name of float32. */
  get isMixed(): boolean {
    return this.#isMixed;
  }

  /** A constant while a trace is open, otherwise a handle. */
  createTensor(shape: number[], dtype: number, values: Values): number {
    if (this.#trace === undefined) return this.createHandle(shape, dtype, values);
    return this.#trace.constant(newTensor(shape, dtype, values));
  }

  /** A handle, in a trace too. */
  createHandle(shape: number[], dtype: number, values: Values): number {
    const tensor = newTensor(shape, dtype, values);
    try {
      const id = this.#handles.share(tensor);
      return dtype === DType.string ? this.#copyStrings(id) : id;
    } finally {
      deleteTensor(tensor);
    }
  }

  /** Does nothing for an id that was deleted before, and for one of a trace. */
  deleteTensor(id: number): void {
    this.#handles.delete(id);
  }

  /** The same on another thread, which ends what the resource under a handle does. */
  async deleteAsync(id: number): Promise<void> {
    await this.#handles.deleteAsync(id);
  }

  dtype(id: number): number {
    return this.#trace?.output(id)?.dtype ?? this.#handles.dtype(id);
  }

  /** A new `TF_Tensor` of a handle, which shares its memory and is the caller's. */
  resolve(id: number): Pointer {
    return this.#handles.resolve(id);
  }

  /** Shape and dtype of a handle. */
  metadata(id: number): TensorMetadata {
    return this.#handles.metadata(id);
  }

  /**
   * @returns int64 as int32
   * @throws RangeError for int64 values that int32 does not hold
   */
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array {
    if (this.#trace?.output(id) !== undefined) {
      throw new Error(
        `Cannot read a tensor's values while ${this.#trace.name} is being traced: they are known ` +
          "only when the compiled function runs. Return the tensor and read it outside",
      );
    }
    const values = this.#handles.read(id);
    if (values instanceof BigInt64Array) return Int32Array.from(values, toInt32);
    // Strings are arrays of bytes, which tfjs-node's interface does not mention.
    return values as Float32Array | Int32Array | Uint8Array;
  }

  /** Runs an operation under the policy of {@linkcode precision}. */
  executeOp(
    type: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): TensorMetadata[] {
    if (!this.#isMixed) return this.#run(type, attributes, inputs, outputs);
    const narrow = this.#precision === "bfloat16";
    return runCast(this.#host, narrow, type, attributes, inputs, outputs);
  }

  /** float32 as bfloat16, or the other way round; in a trace one node for all who ask for it. */
  cast(id: number, from: number, to: number): number {
    const known = this.#trace?.casts.get(id);
    if (known !== undefined) return known;
    const types = [attribute.type("SrcT", from), attribute.type("DstT", to)];
    const cast = this.#run("Cast", types, [id], 1)[0]!.id;
    this.#trace?.casts.set(id, cast);
    return cast;
  }

  readonly #host: AutocastHost = {
    dtype: (id) => this.dtype(id),
    isFactor: (id) => this.#isFactor(id),
    cast: (id, from, to) => this.cast(id, from, to),
    run: (type, attributes, inputs, outputs) =>
      this.#run(type, attributes, inputs, outputs).map((result) => asFloat32(result)),
    // Nodes stay; they have no handle to be deleted.
    release: (id) => this.deleteTensor(id),
  };

  #isFactor(id: number): boolean {
    const output = this.#trace?.output(id);
    const { shape } = output ?? this.metadata(id);
    return shape?.length === 0 ||
      shape?.length === 4 && shape.slice(1).every((size) => size === 1);
  }

  #run(
    type: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): TensorMetadata[] {
    if (this.#trace !== undefined) {
      return this.#trace.operation(type, attributes, inputs.map((id) => this.#input(id)), outputs)
        .map(({ id, output: { shape, dtype } }) => ({ id, shape: [...shape ?? []], dtype }));
    }
    return this.execute(type, attributes, inputs, outputs).map((id) => this.metadata(id));
  }

  /** @throws RangeError for a result that must not be asked for, see `requireResult` of `native` */
  requireResult(operation: string, shape: readonly number[], dtype: number): void {
    requireResult(operation, shape, dtype, this.#trace?.anySize);
  }

  /**
   * Checks the dtypes of an operation's inputs against its attributes, which TensorFlow does not do
   * for every operation. bfloat16 goes for float32, to which it is cast.
   *
   * @throws TypeError for the first that differs
   */
  requireTypes(type: string, attributes: readonly Attribute[], inputs: readonly number[]): void {
    const { inputs: args, types } = opDefinition(type);
    let next = 0;
    for (const [index, arg] of args.entries()) {
      const count = arg === 1 ? 1 : listLength(arg, attributes);
      const wanted = attributes.find(({ name }) => name === types[index])?.value;
      for (const id of inputs.slice(next, next += count)) {
        const dtype = this.dtype(id);
        if (wanted === undefined || dtype === wanted) continue;
        if (dtype === DType.bfloat16 && wanted === DType.float32) continue;
        throw new TypeError(
          `Cannot run ${type}: its attribute ${types[index]} is ${
            dtypeName(Number(wanted))
          }, and an ` +
            `input is of ${dtypeName(dtype)}`,
        );
      }
    }
  }

  /** Runs an operation or function of the context, in a trace too, and returns its outputs' ids. */
  execute(
    type: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): number[] {
    const library = tensorflow();
    const op = this.#prepare(type, attributes, inputs);
    const results = new BigUint64Array(outputs);
    const count = Int32Array.of(outputs);
    library.TFE_Execute(op, results, count, status());
    library.TFE_DeleteOp(op);
    check(`run ${type}`);
    return this.#register(type, results, count);
  }

  /** The same on another thread, while the event loop goes on. */
  async executeAsync(
    type: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): Promise<number[]> {
    const library = tensorflow();
    const op = this.#prepare(type, attributes, inputs);
    // Both are read below: they must stay where they are until TensorFlow has written to them.
    const results = new BigUint64Array(outputs);
    const count = Int32Array.of(outputs);
    const ownStatus = newStatus();
    try {
      await library.TFE_ExecuteAsync(op, results, count, ownStatus);
      check(`run ${type}`, ownStatus);
    } finally {
      library.TFE_DeleteOp(op);
      library.TF_DeleteStatus(ownStatus);
    }
    return this.#register(type, results, count);
  }

  getNumOfSavedModels(): number {
    return this.#savedModels.size;
  }

  /** @param tags separated by commas */
  loadSavedModel(folder: string, tags: string): number {
    return this.#savedModels.load(folder, tags);
  }

  deleteSavedModel(id: number): void {
    this.#savedModels.delete(id);
  }

  /** @param inputNames, outputNames `operation:index`, separated by commas */
  runSavedModel(
    id: number,
    inputs: number[],
    inputNames: string,
    outputNames: string,
  ): TensorMetadata[] {
    if (this.#trace !== undefined) {
      throw new Error(`Cannot run a saved model while ${this.#trace.name} is being traced`);
    }
    return this.#savedModels.run(id, inputs, inputNames, outputNames).map((id) =>
      this.metadata(id)
    );
  }

  /** What stands for a tensor in the trace: its output, or that of a capture. */
  #input(id: number) {
    const trace = this.#trace!;
    const output = trace.output(id);
    if (output !== undefined) return output;
    const { shape, dtype } = this.metadata(id);
    return trace.output(trace.capture(id, dtype, shape, () => id))!;
  }

  /** Puts TensorFlow's copy in the place of strings of ours, which it would never release. */
  #copyStrings(id: number): number {
    const join = [attribute.int("N", 1), attribute.string("separator", "")];
    try {
      return this.execute("StringJoin", join, [id], 1)[0]!;
    } finally {
      this.deleteTensor(id);
    }
  }

  #register(type: string, results: BigUint64Array, count: Int32Array): number[] {
    const ids = new Array<number>(count[0]!);
    for (let index = 0; index < ids.length; index++) {
      ids[index] = this.#handles.add(notNull(Deno.UnsafePointer.create(results[index]!), "output"));
    }
    if (ids.length === results.length) return ids;
    ids.forEach((id) => this.deleteTensor(id));
    throw new RangeError(`Cannot run ${type} for ${results.length} outputs: it has ${ids.length}`);
  }

  #prepare(type: string, attributes: readonly Attribute[], inputs: readonly number[]): Pointer {
    const library = tensorflow();
    const op = library.TFE_NewOp(context(), cName(type), status());
    const action = `run ${type}`;
    check(action);
    try {
      for (const id of inputs) {
        library.TFE_OpAddInput(op, this.#handles.get(id), status());
        check(action);
      }
      setAttributes(op!, attributes, "eager");
    } catch (error) {
      library.TFE_DeleteOp(op);
      throw error;
    }
    return op!;
  }
}

/** Under the name that TensorFlow.js has for it. */
function asFloat32(metadata: TensorMetadata): TensorMetadata {
  return metadata.dtype === DType.bfloat16 ? { ...metadata, dtype: DType.float32 } : metadata;
}

function toInt32(value: bigint): number {
  const int32 = Number(BigInt.asIntN(32, value));
  if (BigInt(int32) !== value) {
    throw new RangeError(`Cannot read the int64 value ${value}: TensorFlow.js has only int32`);
  }
  return int32;
}
