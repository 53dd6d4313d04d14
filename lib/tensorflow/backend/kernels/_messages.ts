import { TensorFlowError } from "../../native/mod.ts";

/** A part of TensorFlow's message and what TensorFlow.js has in its place. */
type Difference = readonly [RegExp, string | ((...groups: string[]) => string)];

/** The differences of the ragged and sparse operations. */
const common: readonly Difference[] = [
  [/is invalid: (-\d+) >= \d+/, "is invalid: $1 < 0"],
  [/Ragged splits must be sorted$/, "Ragged splits must be sorted in ascending order"],
  [/'segment_ids' input/, "segmentIds input"],
];

/**
 * Runs operations whose error messages TensorFlow.js specifies word for word. TensorFlow's error,
 * with the operation's name, becomes the cause.
 */
export function withSpecifiedMessages<T>(body: () => T, differences = common): T {
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
