import type { DataType } from "@tensorflow/tfjs";

/** `TF_DataType` (`tensorflow/c/tf_datatype.h`). */
export const DType = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  int16: 5,
  int8: 6,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  uint16: 17,
  float16: 19,
  resource: 20,
  variant: 21,
  uint32: 22,
  uint64: 23,
} as const;

const byteSizes: Record<number, number> = {
  [DType.float32]: 4,
  [DType.float64]: 8,
  [DType.int32]: 4,
  [DType.uint8]: 1,
  [DType.int16]: 2,
  [DType.int8]: 1,
  [DType.complex64]: 8,
  [DType.int64]: 8,
  [DType.bool]: 1,
  [DType.bfloat16]: 2,
  [DType.uint16]: 2,
  [DType.float16]: 2,
  [DType.uint32]: 4,
  [DType.uint64]: 8,
};

/** Bytes of one element; undefined for strings, resources and variants. */
export function byteSize(dtype: number): number | undefined {
  return byteSizes[dtype];
}

const names = new Map<number, string>(Object.entries(DType).map(([name, code]) => [code, name]));

/**
 * TensorFlow's name of a type, by its number.
 *
 * ```ts
 * import { DType, dtypeName } from "sam/tensorflow";
 *
 * console.log(dtypeName(DType.bfloat16)); // bfloat16
 * ```
 */
export function dtypeName(dtype: number): string {
  return names.get(dtype) ?? `dtype ${dtype}`;
}

const tensorFlowJs = new Map<number, DataType>([
  [DType.float32, "float32"],
  [DType.int32, "int32"],
  [DType.bool, "bool"],
  [DType.complex64, "complex64"],
  [DType.string, "string"],
  [DType.resource, "string"],
]);

/** TensorFlow.js's name of a dtype that it has, resources being strings of bytes to it. */
export function tensorFlowJsDtype(dtype: number): DataType | undefined {
  return tensorFlowJs.get(dtype);
}

/** The dtype that stands for `dtype` in TensorFlow.js, which has fewer: int64 is int32 there. */
export function nearestTensorFlowJsDtype(dtype: number): number | undefined {
  switch (dtype) {
    case DType.float64:
    case DType.float16:
    case DType.bfloat16:
      return DType.float32;
    case DType.int64:
    case DType.uint64:
    case DType.uint32:
    case DType.uint16:
    case DType.int16:
    case DType.int8:
    case DType.uint8:
      return DType.int32;
    default:
      return undefined;
  }
}

/** The code of a TensorFlow.js dtype. */
export function dtypeCode(dtype: DataType): number {
  return DType[dtype];
}
