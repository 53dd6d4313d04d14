import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs";
import { type Attribute, attribute, DType, dtypeCode } from "../../native/mod.ts";
import { isSameShape } from "../_tensor_map.ts";
import { requireInt32 } from "./_int32.ts";

/** A tensor inside a kernel. It may have a dtype that TensorFlow.js lacks, such as int64. */
export interface Value {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** A kernel of a backend that is named when it is registered. */
export interface Kernel {
  readonly kernelName: string;
  readonly kernelFunc: KernelFunc;
}

type Numbers = Int32Array | Float32Array | BigInt64Array;

/** The members of the backend that kernels use; tfjs-node declares some of them private. */
interface Backend {
  readonly binding: {
    createTensor(shape: number[], dtype: number, values: Numbers): number;
    deleteTensor(id: number): void;
    executeOp(
      type: string,
      attributes: readonly Attribute[],
      inputs: readonly number[],
      outputs: number,
    ): { id: number; shape: number[]; dtype: number }[];
    requireResult(operation: string, shape: readonly number[], dtype: number): void;
  };
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
  createOutputTensor(metadata: { id: number; shape: number[]; dtype: number }): TensorInfo;
  readSync(dataId: object): unknown;
}

type Inputs = Record<string, Value | readonly Value[] | undefined>;

/**
 * Makes a kernel of TensorFlow's operations. What `body` makes is deleted when it is done, except
 * what it returns. It only sees shapes and dtypes, so that the kernel can be traced too.
 */
export function kernel<I extends object, A extends object = object>(
  kernelName: string,
  body: (operations: Operations, inputs: I, attributes: A) => Value | Value[],
): Kernel {
  const kernelFunc: KernelFunc = ({ inputs, attrs, backend }) => {
    const host = backend as unknown as Backend;
    const operations = new Operations(host, kernelName);
    try {
      const values: Inputs = {};
      for (const [name, input] of Object.entries(inputs)) values[name] = valueOf(host, input);
      const result = body(operations, values as I, (attrs ?? {}) as A);
      return Array.isArray(result)
        ? result.map((value) => operations.release(value))
        : operations.release(result);
    } finally {
      operations.dispose();
    }
  };
  return { kernelName, kernelFunc };
}

function valueOf(
  host: Backend,
  input: TensorInfo | readonly TensorInfo[] | undefined | null,
): Value | readonly Value[] | undefined {
  if (input === undefined || input === null) return undefined;
  if (isList(input)) return input.map((tensor) => valueOf(host, tensor) as Value);
  const [id] = host.getInputTensorIds([input]);
  return { id: id!, shape: input.shape, dtype: dtypeCode(input.dtype) };
}

function isList(input: TensorInfo | readonly TensorInfo[]): input is readonly TensorInfo[] {
  return Array.isArray(input);
}

/** In a shape of a data set's function, a size that is known when it runs. */
const UNKNOWN = -1;

function isEmpty(shape: readonly number[]): boolean {
  return shape.includes(0) && !shape.includes(UNKNOWN);
}

/** Dtypes before those whose values they hold. */
const PROMOTION: readonly number[] = [DType.complex64, DType.float32, DType.int32, DType.bool];

/** TensorFlow's operations as a kernel runs them. */
export class Operations {
  readonly #host: Backend;
  readonly #kernelName: string;
  readonly #owned = new Set<number>();

  constructor(host: Backend, kernelName: string) {
    this.#host = host;
    this.#kernelName = kernelName;
  }

  /**
   * Checks a result, or an intermediate value, before it is computed. If a size is unknown, the trace
   * checks what TensorFlow infers.
   *
   * @throws RangeError for one that must not be computed, see `requireResult` of `native`
   */
  requireResult(shape: readonly number[], dtype: number): void {
    if (shape.some((size) => size < 0)) return;
    this.#host.binding.requireResult(this.#kernelName, shape, dtype);
  }

  /** Runs an operation of one output. */
  one(type: string, inputs: readonly Value[], attributes: readonly Attribute[] = []): Value {
    return this.many(type, inputs, attributes, 1)[0]!;
  }

  many(
    type: string,
    inputs: readonly Value[],
    attributes: readonly Attribute[],
    outputs: number,
  ): Value[] {
    const ids = inputs.map(({ id }) => id);
    const results = this.#host.binding.executeOp(type, attributes, ids, outputs);
    for (const { id } of results) this.#owned.add(id);
    return results;
  }

  /** Runs an operation whose only attribute is the dtype `T` of its first input. */
  plain(type: string, ...inputs: readonly Value[]): Value {
    return this.one(type, inputs, [attribute.type("T", inputs[0]!.dtype)]);
  }

  /**
   * A scalar, vector or tensor of int32.
   *
   * @throws RangeError for values that do not fit: the array would keep only their lower bits
   */
  int32(values: number | readonly number[], shape?: readonly number[]): Value {
    const list = typeof values === "number" ? [values] : values;
    requireInt32(this.#kernelName, "an argument", list);
    const sizes = shape ?? (typeof values === "number" ? [] : [list.length]);
    return this.#constant(Int32Array.from(list), DType.int32, sizes);
  }

  /**
   * The shape of a result as an input of an operation.
   *
   * @throws RangeError for sizes below 0, at which some of TensorFlow's kernels end the process, and
   *   for a result that must not be computed, see `requireResult` of `native`
   */
  sizes(shape: readonly number[], dtype: number = DType.float32): Value {
    this.#requireSizes(shape, dtype);
    return this.int32(shape);
  }

  float32(values: number | readonly number[], shape?: readonly number[]): Value {
    const list = typeof values === "number" ? [values] : values;
    const sizes = shape ?? (typeof values === "number" ? [] : [list.length]);
    return this.#constant(Float32Array.from(list), DType.float32, sizes);
  }

  /** A scalar of any numeric dtype. */
  scalar(value: number, dtype: number): Value {
    return dtype === DType.int32 ? this.int32(value) : this.cast(this.float32(value), dtype);
  }

  cast(value: Value, dtype: number): Value {
    if (value.dtype === dtype) return value;
    const attributes = [attribute.type("SrcT", value.dtype), attribute.type("DstT", dtype)];
    return this.one("Cast", [value], attributes);
  }

  /** Both of them of the dtype that holds the values of both, as TensorFlow.js promotes them. */
  promoted(a: Value, b: Value): [Value, Value] {
    const dtype = PROMOTION.find((dtype) => dtype === a.dtype || dtype === b.dtype) ?? a.dtype;
    return [this.cast(a, dtype), this.cast(b, dtype)];
  }

  reshape(value: Value, shape: readonly number[]): Value {
    const attributes = [attribute.type("T", value.dtype), attribute.type("Tshape", DType.int32)];
    return this.one("Reshape", [value, this.int32(shape)], attributes);
  }

  /** Pads every axis with `fill`. */
  pad(value: Value, pads: readonly (readonly [number, number])[], fill = 0): Value {
    if (pads.every(([before, after]) => before === 0 && after === 0)) return value;
    this.requireResult(
      value.shape.map((size, axis) => size + pads[axis]![0] + pads[axis]![1]),
      value.dtype,
    );
    const sizes = this.int32(pads.flat(), [pads.length, 2]);
    const attributes = [
      attribute.type("T", value.dtype),
      attribute.type("Tpaddings", DType.int32),
    ];
    return this.one("PadV2", [value, sizes, this.scalar(fill, value.dtype)], attributes);
  }

  slice(value: Value, begin: readonly number[], size: readonly number[]): Value {
    const attributes = [attribute.type("T", value.dtype), attribute.type("Index", DType.int32)];
    return this.one("Slice", [value, this.int32(begin), this.int32(size)], attributes);
  }

  transpose(value: Value, permutation: readonly number[]): Value {
    const attributes = [attribute.type("T", value.dtype), attribute.type("Tperm", DType.int32)];
    return this.one("Transpose", [value, this.int32(permutation)], attributes);
  }

  /**
   * The result of `body`, which has that shape and the dtype of `x`. An empty result is made without
   * `body`: for those, TensorFlow's kernels with oneDNN return uninitialised memory in the input's
   * shape, or end the process.
   *
   * @throws RangeError for a result that must not be computed, see `requireResult` of `native`
   */
  unlessEmpty(shape: readonly number[], x: Value, body: () => Value): Value {
    this.requireResult(shape, x.dtype);
    return isEmpty(shape) ? this.zeros(shape, x) : body();
  }

  /**
   * The same for a function that is linear in each of `inputs`: if one of them is empty, the result is
   * zero everywhere.
   */
  linear(shape: readonly number[], inputs: readonly [Value, ...Value[]], body: () => Value): Value {
    const vanishes = inputs.some((input) => isEmpty(input.shape)) && !shape.includes(UNKNOWN);
    return vanishes ? this.zeros(shape, inputs[0]) : this.unlessEmpty(shape, inputs[0], body);
  }

  /** Zeros of the dtype of `x`. They depend on `x`, as the result of a trace has to. */
  zeros(shape: readonly number[], x: Value): Value {
    const types = [attribute.type("T", x.dtype), attribute.type("out_type", DType.int32)];
    const zero = this.plain("Mul", this.one("Size", [x], types), this.int32(0));
    this.#requireSizes(shape, x.dtype);
    const sizes = this.#constant(BigInt64Array.from(shape, BigInt), DType.int64, [shape.length]);
    return this.one("Fill", [sizes, this.cast(zero, x.dtype)], [
      attribute.type("T", x.dtype),
      attribute.type("index_type", DType.int64),
    ]);
  }

  /** Values of `a` where the condition holds, and of `b` elsewhere; shapes broadcast. */
  select(condition: Value, a: Value, b: Value): Value {
    // Faster where nothing is to be broadcast.
    const isPlain = isSameShape(condition.shape, a.shape) && isSameShape(a.shape, b.shape);
    const types = [attribute.type("T", a.dtype)];
    return this.one(isPlain ? "Select" : "SelectV2", [condition, a, b], types);
  }

  /** Gives a value to TensorFlow.js. An input is copied: it has its owner already. */
  release(value: Value): TensorInfo {
    const own = this.#owned.has(value.id) ? value : this.plain("Identity", value);
    this.#owned.delete(own.id);
    return this.#host.createOutputTensor({ id: own.id, shape: [...own.shape], dtype: own.dtype });
  }

  dispose(): void {
    for (const id of this.#owned) this.#host.binding.deleteTensor(id);
    this.#owned.clear();
  }

  #requireSizes(shape: readonly number[], dtype: number): void {
    if (shape.some((size) => size < 0)) {
      throw new RangeError(`Cannot make a tensor of shape [${shape}]: sizes must be >= 0`);
    }
    this.requireResult(shape, dtype);
  }

  #constant(values: Numbers, dtype: number, shape: readonly number[]): Value {
    const id = this.#host.binding.createTensor([...shape], dtype, values);
    this.#owned.add(id);
    return { id, shape, dtype };
  }
}
