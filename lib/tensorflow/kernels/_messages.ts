import { TensorFlowError } from "../_status.ts";

/** Where TensorFlow's own message differs from that of TensorFlow.js. */
const differences: readonly (readonly [RegExp, string | ((...groups: string[]) => string)])[] = [
  [
    /^.*indices\S* = (-?\d+) is not in \[0, (\d+)\)$/,
    (_, index, end) => `GatherV2: the index value ${index} is not in [0, ${Number(end) - 1}]`,
  ],
  [/is invalid: (-\d+) >= \d+/, "is invalid: $1 < 0"],
  [/Ragged splits must be sorted$/, "Ragged splits must be sorted in ascending order"],
  [/'segment_ids' input/, "segmentIds input"],
];

/**
 * Runs operations whose error messages TensorFlow.js specifies word for word. TensorFlow's error,
 * with the operation's name, becomes the cause.
 */
export function withSpecifiedMessages<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof TensorFlowError)) throw error;
    let message = error.message.replace(/^Cannot run \w+: /, "");
    for (const [pattern, replacement] of differences) {
      message = message.replace(pattern, replacement as string);
    }
    throw new Error(message, { cause: error });
  }
}
