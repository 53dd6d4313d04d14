import { tf } from "../tensorflow/mod.ts";

/** How many bytes a value has, and how they become a tensor. */
interface StoredType {
  readonly bytes: number;
  tensor(data: ArrayBuffer, shape: number[]): tf.Tensor;
}

const float = (
  bytes: number,
  values: (data: ArrayBuffer) => Float32Array,
): StoredType => ({ bytes, tensor: (data, shape) => tf.tensor(values(data), shape, "float32") });

const integer = (
  bytes: number,
  values: (data: ArrayBuffer) => Int32Array,
): StoredType => ({ bytes, tensor: (data, shape) => tf.tensor(values(data), shape, "int32") });

/** By NumPy's names. TensorFlow.js has float32 and int32 only. */
const TYPES: Readonly<Record<string, StoredType>> = {
  float32: float(4, (data) => new Float32Array(data)),
  float64: float(8, (data) => Float32Array.from(new Float64Array(data))),
  float16: float(2, (data) => Float32Array.from(new Float16Array(data))),
  // The upper half of a float32.
  bfloat16: float(2, (data) => {
    const bits = Uint32Array.from(new Uint16Array(data), (half) => half << 16);
    return new Float32Array(bits.buffer);
  }),
  int8: integer(1, (data) => Int32Array.from(new Int8Array(data))),
  int16: integer(2, (data) => Int32Array.from(new Int16Array(data))),
  int32: integer(4, (data) => new Int32Array(data)),
  int64: integer(8, (data) => Int32Array.from(new BigInt64Array(data), inRange)),
  uint8: integer(1, (data) => Int32Array.from(new Uint8Array(data))),
  uint16: integer(2, (data) => Int32Array.from(new Uint16Array(data))),
  uint32: integer(4, (data) => Int32Array.from(new Uint32Array(data), inRange)),
  bool: {
    bytes: 1,
    tensor: (data, shape) => tf.tensor(new Uint8Array(data), shape, "bool"),
  },
};

function inRange(value: bigint | number): number {
  const number = Number(value);
  if (number !== (number | 0)) throw new RangeError(`${value} is not an int32`);
  return number;
}

/** NumPy's codes, as FLAX up to 0.2 writes them. */
const CODES: Readonly<Record<string, string>> = {
  f: "float",
  i: "int",
  u: "uint",
  b: "bool",
};

/**
 * The name of a type that is given by its name, or by NumPy's code (`<f4`).
 *
 * @throws RangeError for a type that cannot be read
 */
export function typeName(type: string): string {
  const [, code, bytes] = /^[<|=]([fiub])(\d)$/.exec(type) ?? [];
  const name = code === undefined
    ? type
    : code === "b"
    ? "bool"
    : `${CODES[code]}${8 * Number(bytes)}`;
  if (!Object.hasOwn(TYPES, name)) {
    throw new RangeError(`it is of type ${type}, not one of ${Object.keys(TYPES).join(", ")}`);
  }
  return name;
}

/** @param name of {@linkcode typeName} */
export function bytesPerValue(name: string): number {
  return TYPES[name]!.bytes;
}

/**
 * @param name of {@linkcode typeName}
 * @param data little-endian, as many as the shape says
 * @throws RangeError for integers beyond int32
 */
export function tensorOf(name: string, data: ArrayBuffer, shape: readonly number[]): tf.Tensor {
  return TYPES[name]!.tensor(data, [...shape]);
}
