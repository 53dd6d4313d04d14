import { engine, getKernel, type KernelFunc, type TensorInfo, util } from "@tensorflow/tfjs";
import { attribute } from "../_attributes.ts";
import { DType } from "../_dtypes.ts";
import { type Kernel, kernel, type Value } from "./_execute.ts";

interface NGramsAttributes {
  readonly separator: string;
  readonly nGramWidths: readonly number[];
  readonly leftPad: string;
  readonly rightPad: string;
  readonly padWidth: number;
  readonly preserveShortSequences: boolean;
}

/** Operations on strings. */
export const strings: readonly Kernel[] = [
  kernel<{ data: Value; dataSplits: Value }, NGramsAttributes>(
    "StringNGrams",
    (operations, { data, dataSplits }, attributes) =>
      operations.many(
        "StringNGrams",
        [data, dataSplits],
        [
          attribute.string("separator", attributes.separator),
          attribute.int("ngram_widths", attributes.nGramWidths),
          attribute.string("left_pad", attributes.leftPad),
          attribute.string("right_pad", attributes.rightPad),
          attribute.int("pad_width", attributes.padWidth),
          attribute.bool("preserve_short_sequences", attributes.preserveShortSequences),
          attribute.type("Tsplits", DType.int32),
        ],
        2,
      ),
  ),
  kernel<{ input: Value; delimiter: Value }, { skipEmpty: boolean }>(
    "StringSplit",
    (operations, { input, delimiter }, { skipEmpty }) => {
      const attributes = [attribute.bool("skip_empty", skipEmpty)];
      const [indices, values, shape] = operations.many(
        "StringSplit",
        [input, delimiter],
        attributes,
        3,
      );
      return [
        operations.cast(indices!, DType.int32),
        values!,
        operations.cast(shape!, DType.int32),
      ];
    },
  ),
  kernel<{ input: Value }, { numBuckets: number }>(
    "StringToHashBucketFast",
    (operations, { input }, { numBuckets }) => {
      const attributes = [attribute.int("num_buckets", numBuckets)];
      return operations.cast(
        operations.one("StringToHashBucketFast", [input], attributes),
        DType.int32,
      );
    },
  ),
];

/** The part of the backend that makes tensors without operations. */
interface Storage {
  write(values: Int32Array, shape: number[], dtype: "int32"): object;
  disposeData(dataId: object): boolean;
}

/**
 * Comparisons by order that know strings too. TensorFlow has none for strings, so their values are
 * read, which a trace refuses, and their ranks compared.
 *
 * @param backendName whose present kernels compare numbers
 */
export function stringComparisons(backendName: string): Kernel[] {
  return ["Greater", "GreaterEqual", "Less", "LessEqual"].map((kernelName) => {
    const numeric = getKernel(kernelName, backendName).kernelFunc;
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
  });
}

/** Integers in the same order as the strings of the tensors. */
function ranksOf(storage: Storage, tensors: readonly TensorInfo[]): TensorInfo[] {
  // By the engine: the values may be on another backend.
  const texts = tensors.map(({ dataId }) =>
    (engine().readSync(dataId) as Uint8Array[]).map((bytes) => util.decodeString(bytes))
  );
  const ranks = new Map([...new Set(texts.flat())].sort().map((text, rank) => [text, rank]));
  return tensors.map(({ shape }, index) => {
    const values = Int32Array.from(texts[index]!, (text) => ranks.get(text)!);
    return { dataId: storage.write(values, shape, "int32"), shape, dtype: "int32" };
  });
}
