import type { Outcome, Result } from "./_compare.ts";
import { sizeOf } from "./_draw.ts";
import type { NamedCase } from "./_families.ts";

/** A difference from TensorFlow.js's `cpu` backend that is right, and what TensorFlow documents. */
interface Known {
  /** Of the operations that it is about; their gradients are others. */
  readonly names: readonly string[];
  readonly reason: string;
  /** What is right in place of the `cpu` backend's outcome; undefined where that is right. */
  documented(
    outcome: Outcome,
    drawn: NamedCase,
    isCompiled: boolean,
    actual: Outcome,
  ): Outcome | undefined;
}

const REFUSAL: Outcome = { refusal: "as TensorFlow refuses it" };

/** For reductions of an empty axis, which give so many values of the same. */
function ofNothing(value: (dtype: string) => number): Known["documented"] {
  return (outcome, { inputs }) => {
    if ("refusal" in outcome || sizeOf(inputs[0]!.shape) > 0) return undefined;
    return mapValues(outcome.results, ({ dtype }) => value(dtype));
  };
}

function mapValues(results: readonly Result[], value: (result: Result) => number): Outcome {
  return {
    results: results.map((result) => ({
      ...result,
      values: new Array<number>(sizeOf(result.shape)).fill(value(result)),
    })),
  };
}

const isFloat = (dtype: string) => dtype === "float32";
const isEmpty = ({ inputs }: NamedCase) => inputs.some(({ shape }) => sizeOf(shape) === 0);

const KNOWN: readonly Known[] = [
  {
    names: ["max"],
    reason: "The maximum of nothing is the least value of the dtype; the cpu backend's NaN or 0",
    documented: ofNothing((dtype) => isFloat(dtype) ? -Infinity : -(2 ** 31)),
  },
  {
    names: ["min"],
    reason: "The minimum of nothing is the greatest value of the dtype; the cpu backend's 0",
    documented: ofNothing((dtype) => isFloat(dtype) ? Infinity : 2 ** 31 - 1),
  },
  {
    names: ["all"],
    reason: "All of nothing is true; the cpu backend's false",
    documented: ofNothing(() => 1),
  },
  {
    names: ["mean", "moments"],
    reason: "The mean of nothing is 0 / 0; the cpu backend's 0",
    documented: ofNothing(() => NaN),
  },
  {
    names: ["logSumExp"],
    reason: "The logarithm of the sum of nothing is that of 0; the cpu backend's NaN",
    documented: ofNothing(() => -Infinity),
  },
  {
    names: ["argMax", "argMin"],
    reason: "Nothing has no largest element; the cpu backend says that it is the first",
    documented: (_, drawn) => isEmpty(drawn) ? REFUSAL : undefined,
  },
  {
    names: ["avgPool"],
    reason: "The mean of a window in the padding is 0, as the gradient is; the cpu backend's NaN",
    documented: (outcome) =>
      "refusal" in outcome ? undefined : {
        results: outcome.results.map((result) => ({
          ...result,
          values: result.values.map((value) => Number.isNaN(value) ? 0 : value),
        })),
      },
  },
  {
    names: ["gatherND", "stridedSlice", "unsortedSegmentSum"],
    reason: "What holds nothing can be taken from nothing; the cpu backend refuses some of it",
    documented: (outcome, _, __, actual) =>
      "refusal" in outcome && "results" in actual &&
        actual.results.every(({ shape }) => sizeOf(shape) === 0)
        ? actual
        : undefined,
  },
  {
    names: ["searchSorted"],
    reason: "In an empty row every place is 0; the cpu backend cannot reshape it",
    documented: (outcome, _, __, actual) =>
      "refusal" in outcome && "results" in actual ? mapValues(actual.results, () => 0) : undefined,
  },
  {
    names: ["floorDiv"],
    reason: "A quotient of floats is a float; the cpu backend makes int32 of it",
    documented: (outcome) =>
      "refusal" in outcome ? undefined : {
        results: outcome.results.map((result) => ({ ...result, dtype: "float32" })),
      },
  },
  {
    names: ["unique"],
    reason: "The number of distinct values is not known when a function is traced",
    documented: (_, __, isCompiled) => isCompiled ? REFUSAL : undefined,
  },
  {
    names: ["resizeBilinear", "resizeNearestNeighbor", "cropAndResize"],
    reason: "TensorFlow refuses images and sizes without a pixel; the cpu backend reads NaN or 0",
    documented: () => REFUSAL,
  },
];

/** What TensorFlow documents in place of the `cpu` backend's outcome; undefined where that is right. */
export function documented(
  drawn: NamedCase,
  wanted: Outcome,
  isCompiled: boolean,
  actual: Outcome,
): Outcome | undefined {
  // Windows that are larger than the image: the cpu backend's sizes are negative.
  if ("results" in wanted && wanted.results.some(({ shape }) => shape.some((size) => size < 0))) {
    return REFUSAL;
  }
  for (const { names, documented } of KNOWN) {
    if (!names.includes(drawn.name)) continue;
    return documented(wanted, drawn, isCompiled, actual);
  }
}
