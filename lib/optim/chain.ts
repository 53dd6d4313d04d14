import { mapTree, tf, tidy, type Tree } from "../tensorflow/mod.ts";
import type { Optimizer } from "./types.ts";

/**
 * Applies transformations one after the other; the state is the list of theirs.
 *
 * ```ts
 * import { mapTree, optim, tf } from "sam";
 *
 * // Decoupled weight decay (Loshchilov and Hutter 2019).
 * const decay = (lambda: number): optim.Optimizer => ({
 *   init: () => [],
 *   update: (updates, state, params) => [
 *     mapTree((update, param) => tf.add(update, tf.mul(param, lambda)), updates, params),
 *     state,
 *   ],
 * });
 * const optimizer = optim.chain(decay(1e-4), optim.sgd(0.1));
 * ```
 *
 * Its learning rate is that of the last part which has one.
 *
 * @throws RangeError without transformations: the updates would be the gradients, and ascend
 * @throws TypeError for a part without `init` and `update`
 */
export function chain(...parts: readonly Optimizer[]): Optimizer {
  if (parts.length === 0) {
    throw new RangeError("Cannot chain no transformations: give one that descends, such as sgd");
  }
  for (const part of parts) checkPart(part);
  const rate = parts.findLast(({ learningRate }) => learningRate !== undefined)?.learningRate;
  return {
    ...rate && { learningRate: rate },
    init: (params) => parts.map((part) => part.init(params)),
    update: (grads, state, params) =>
      tidy(() => {
        let updates = grads;
        const states = parts.map((part, index) => {
          const [next, after] = part.update(updates, (state as readonly Tree[])[index]!, params);
          updates = next;
          return after;
        });
        return [updates, states];
      }),
  };
}

function checkPart(part: Optimizer | undefined): void {
  if (typeof part?.init === "function" && typeof part.update === "function") return;
  throw new TypeError(
    `Cannot chain ${
      typeof part === "object" ? "an object" : typeof part
    }: what is chained has an ` +
      "`init` and an `update`, as sgd(0.1) has. A transformation such as sam is one of the gradient, and " +
      "goes around valueAndGrad(loss)",
  );
}

/**
 * Parameters plus updates: new tensors.
 *
 * ```ts
 * import { optim, tf } from "sam";
 *
 * const { w } = optim.applyUpdates({ w: tf.scalar(1) }, { w: tf.scalar(-0.5) });
 * console.log(w.dataSync()[0]); // 0.5
 * ```
 */
export function applyUpdates<P extends Tree>(params: P, updates: P): P {
  return mapTree((param, update) => tf.add(param, update), params, updates);
}
