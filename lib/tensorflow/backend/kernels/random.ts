import { attribute, DType } from "../../native/mod.ts";
import { type Kernel, kernel, type Value } from "./_execute.ts";

interface MultinomialAttributes {
  readonly numSamples: number;
  readonly seed: number;
  readonly normalized: boolean;
}

/**
 * Draws from categorical distributions: the same seed gives the same draws. tfjs-node's stateful
 * operation gives others at each call, needs an integer as seed, and knows no probabilities.
 */
export const random: readonly Kernel[] = [
  kernel<{ logits: Value }, MultinomialAttributes>(
    "Multinomial",
    (operations, { logits }, { numSamples, seed, normalized }) => {
      const scores = operations.cast(logits, DType.float32);
      // All bits of the seed, a number between 0 and 1 if the caller gave none.
      const bits = new Int32Array(Float64Array.of(seed).buffer);
      return operations.one(
        "StatelessMultinomial",
        [
          normalized ? operations.plain("Log", scores) : scores,
          operations.int32(numSamples),
          operations.int32([...bits]),
        ],
        [
          attribute.type("T", DType.float32),
          attribute.type("Tseed", DType.int32),
          attribute.type("output_dtype", DType.int32),
        ],
      );
    },
  ),
];
