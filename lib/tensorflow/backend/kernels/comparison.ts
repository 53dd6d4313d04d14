import { engine, type KernelFunc, type TensorInfo, util } from "@tensorflow/tfjs";
import { DType } from "../../native/mod.ts";
import { type Kernel, kernel, type Value } from "./_execute.ts";

/** The part of the backend that makes tensors without operations. */
interface Storage {
  write(values: Int32Array, shape: number[], dtype: "int32"): object;
  disposeData(dataId: object): boolean;
}

/**
 * Comparisons by order, of booleans and strings too. TensorFlow cannot compare strings, so their
 * values are read, which a trace refuses, and their ranks are compared.
 */
export const comparison: readonly Kernel[] = ["Greater", "GreaterEqual", "Less", "LessEqual"].map(
  (kernelName) => {
    const { kernelFunc: numeric } = kernel<{ a: Value; b: Value }>(
      kernelName,
      (operations, { a, b }) => {
        const order = (x: Value) => x.dtype === DType.bool ? operations.cast(x, DType.int32) : x;
        return operations.plain(kernelName, order(a), order(b));
      },
    );
    const kernelFunc: KernelFunc = (parameters) => {
      const { a, b } = parameters.inputs as { a: TensorInfo; b: TensorInfo };
      if (a.dtype !== "string") return numeric(parameters);
      const storage = parameters.backend as unknown as Storage;
      const ranks = ranksOf(storage, [a, b]);
      try {
        return numeric({ ...parameters, inputs: { a: ranks[0], b: ranks[1] } });
      } finally {
        for (const { dataId } of ranks) storage.disposeData(dataId);
      }
    };
    return { kernelName, kernelFunc };
  },
);

/** Integers in the same order as the strings of the tensors. */
function ranksOf(storage: Storage, tensors: readonly TensorInfo[]): TensorInfo[] {
  // Through the engine, as the values may be on another backend.
  const texts = tensors.map(({ dataId }) =>
    (engine().readSync(dataId) as Uint8Array[]).map((bytes) => util.decodeString(bytes))
  );
  const ranks = new Map([...new Set(texts.flat())].sort().map((text, rank) => [text, rank]));
  return tensors.map(({ shape }, index) => {
    const values = Int32Array.from(texts[index]!, (text) => ranks.get(text)!);
    return { dataId: storage.write(values, shape, "int32"), shape, dtype: "int32" };
  });
}
