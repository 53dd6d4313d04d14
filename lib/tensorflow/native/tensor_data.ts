import { byteSize, DType, dtypeName } from "./dtypes.ts";
import { notNull, type Pointer, tensorflow } from "./library.ts";
import { requireShape } from "./shape.ts";

/** Values as TensorFlow.js holds them; strings are UTF-8 bytes. */
export type Values = ArrayBufferView | ArrayLike<number> | readonly Uint8Array[];

/** Bytes of a `TF_TString`. */
const STRING_SIZE = 24;

/**
 * A new `TF_Tensor` holding a copy of `values`; release it with {@linkcode deleteTensor}.
 *
 * @throws RangeError if the number of values is not that of the shape, or TensorFlow cannot take it
 */
export function newTensor(shape: readonly number[], dtype: number, values: Values): Pointer {
  requireShape(shape);
  const count = shape.reduce((product, size) => product * size, 1);
  if (dtype === DType.string) return newStrings(shape, count, values as readonly Uint8Array[]);
  const size = byteSize(dtype);
  if (size === undefined) {
    throw new TypeError(`Cannot create a ${dtypeName(dtype)} tensor: it has no values`);
  }
  const bytes = toBytes(dtype, values);
  const expected = count * size;
  if (bytes.byteLength !== expected) {
    throw new RangeError(
      `Cannot create a ${dtypeName(dtype)} tensor of shape [${shape}]: ` +
        `it takes ${expected} bytes, got ${bytes.byteLength}`,
    );
  }
  const tensor = allocate(shape, dtype, expected);
  if (expected > 0) dataOf(tensor, expected).set(bytes);
  return tensor;
}

/** Releases a tensor made by {@linkcode newTensor}, strings included. */
export function deleteTensor(tensor: Pointer): void {
  const library = tensorflow();
  if (library.TF_TensorType(tensor) === DType.string) {
    for (const string of strings(tensor)) library.TF_StringDealloc(string);
  }
  library.TF_DeleteTensor(tensor);
}

/** A copy of a tensor's values: the typed array of its dtype (float32 for bfloat16), or bytes by string. */
export function readTensor(
  tensor: Pointer,
): Float32Array | Int32Array | Uint8Array | BigInt64Array | Uint8Array[] {
  const library = tensorflow();
  const dtype = library.TF_TensorType(tensor);
  if (dtype === DType.string) {
    return strings(tensor).map((string) => {
      const size = Number(library.TF_StringGetSize(string));
      if (size === 0) return new Uint8Array();
      return copyOf(notNull(library.TF_StringGetDataPointer(string), "string"), size);
    });
  }
  const size = Number(library.TF_TensorByteSize(tensor));
  const bytes = size === 0
    ? new Uint8Array()
    : copyOf(notNull(library.TF_TensorData(tensor), "tensor data"), size);
  switch (dtype) {
    case DType.float32:
    case DType.complex64:
      return new Float32Array(bytes.buffer);
    case DType.bfloat16:
      // The upper half of float32.
      return new Float32Array(
        Uint32Array.from(new Uint16Array(bytes.buffer), (bits) => bits << 16).buffer,
      );
    case DType.int32:
      return new Int32Array(bytes.buffer);
    case DType.int64:
      return new BigInt64Array(bytes.buffer);
    default:
      return bytes;
  }
}

function newStrings(
  shape: readonly number[],
  count: number,
  values: readonly Uint8Array[],
): Pointer {
  if (values.length !== count) {
    throw new RangeError(
      `Cannot create a string tensor of shape [${shape}]: ` +
        `it takes ${count} strings, got ${values.length}`,
    );
  }
  const library = tensorflow();
  const tensor = allocate(shape, DType.string, count * STRING_SIZE);
  strings(tensor).forEach((string, index) => {
    const bytes = new Uint8Array(values[index]!);
    library.TF_StringInit(string);
    library.TF_StringCopy(string, bytes, BigInt(bytes.byteLength));
  });
  return tensor;
}

function strings(tensor: Pointer): Pointer[] {
  const library = tensorflow();
  const count = Number(library.TF_TensorElementCount(tensor));
  if (count === 0) return [];
  const data = notNull(library.TF_TensorData(tensor), "tensor data");
  return Array.from(
    { length: count },
    (_, index) => notNull(Deno.UnsafePointer.offset(data, index * STRING_SIZE), "string"),
  );
}

function allocate(shape: readonly number[], dtype: number, bytes: number): Pointer {
  const dims = BigInt64Array.from(shape, BigInt);
  return notNull(
    tensorflow().TF_AllocateTensor(dtype, dims, shape.length, BigInt(bytes)),
    "tensor",
  );
}

function dataOf(tensor: Pointer, size: number): Uint8Array {
  const data = notNull(tensorflow().TF_TensorData(tensor), "tensor data");
  return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, size));
}

function copyOf(data: Pointer, size: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(size);
  new Deno.UnsafePointerView(data).copyInto(copy);
  return copy;
}

function toBytes(dtype: number, values: Values): Uint8Array {
  const typed = ArrayBuffer.isView(values) && fits(dtype, values)
    ? values
    : convert(dtype, values as ArrayLike<number>);
  return new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
}

/** TensorFlow.js hands int64 as pairs of int32, low word first, and any bytes for other dtypes. */
function fits(dtype: number, values: ArrayBufferView): boolean {
  switch (dtype) {
    case DType.float32:
    case DType.complex64:
      return values instanceof Float32Array;
    case DType.int32:
      return values instanceof Int32Array;
    case DType.bool:
    case DType.uint8:
      return values instanceof Uint8Array || values instanceof Uint8ClampedArray;
    default:
      return true;
  }
}

function convert(dtype: number, values: ArrayLike<number>): ArrayBufferView {
  switch (dtype) {
    case DType.float32:
    case DType.complex64:
      return Float32Array.from(values);
    case DType.int32:
      return Int32Array.from(values);
    case DType.int64:
      return BigInt64Array.from(Array.from(values, BigInt));
    default:
      return Uint8Array.from(values);
  }
}
