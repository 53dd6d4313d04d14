import type { OperationRecord } from "../tensorflow/mod.ts";
import type { LayerSum, OperationSum, PrimitiveSum } from "./_sums.ts";

/** Where a step's time and memory go. */
export interface Profile {
  /** Median of the runs without a clock on operations. */
  readonly milliseconds: number;
  /** Of the run that was looked into; the clock costs some of it. */
  readonly tracedMilliseconds: number;
  /** Of all its operations: more than the run where some run at the same time. */
  readonly operationMilliseconds: number;
  /** The most memory that its operations held at a time, without the arguments. */
  readonly peakBytes: number;
  /** In the order of the network; what belongs to no layer is the last. */
  readonly layers: readonly LayerSum[];
  /** The longest first. */
  readonly operations: readonly OperationSum[];
  /** oneDNN's own figures of the median run, the longest first; empty where it does not tell. */
  readonly primitives: readonly PrimitiveSum[];
  /** Every operation of the run that was looked into. */
  readonly records: readonly OperationRecord[];
  /** The tables. */
  toString(): string;
  /** A trace for Perfetto (ui.perfetto.dev) or TensorBoard, as JSON. */
  trace(): string;
}
