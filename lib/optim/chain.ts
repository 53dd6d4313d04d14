import { mapTree, tf, type Tree } from "../tensorflow/mod.ts";
import type { Optimizer } from "./types.ts";

/** Applies transformations one after the other; the state is the list of theirs. */
export function chain(...parts: readonly Optimizer[]): Optimizer {
  return {
    init: (params) => parts.map((part) => part.init(params)),
    update(grads, state, params) {
      let updates = grads;
      const states = parts.map((part, index) => {
        const [next, after] = part.update(updates, (state as readonly Tree[])[index]!, params);
        updates = next;
        return after;
      });
      return [updates, states];
    },
  };
}

/** Parameters plus updates: new tensors. */
export function applyUpdates<P extends Tree>(params: P, updates: P): P {
  return mapTree((param, update) => tf.add(param, update), params, updates);
}
