import { attribute, DType } from "../../native/mod.ts";
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
