import type { Precision } from "../tensorflow/mod.ts";

/** Names and shapes of a model's variables. */
export interface VariableShapes {
  readonly params: ReadonlyMap<string, readonly number[]>;
  readonly state: ReadonlyMap<string, readonly number[]>;
  /** Output of each layer by path, in the order of the pass. */
  readonly layers: ReadonlyMap<string, readonly number[]>;
  /** What each layer's output is held in, in the same order. */
  readonly precisions: ReadonlyMap<string, Precision>;
  readonly output: readonly number[];
}
