/** What the parts of a step give back: JavaScript holds none of them to its type. @module */
import { isRecord } from "../system/mod.ts";
import type { Gradient, Metrics } from "../optim/mod.ts";
import { forEachLeaf, type TensorRecord, tf, type Tree } from "../tensorflow/mod.ts";

/**
 * The two results of an `update`.
 *
 * @throws TypeError for anything else than a pair
 */
export function checkedPair<Pair extends readonly [unknown, unknown]>(
  whose: string,
  pair: Pair,
): Pair {
  if (Array.isArray(pair) && pair.length === 2) return pair;
  throw new TypeError(
    `Cannot use the ${whose}'s update: it gives ${
      kindOf(pair)
    }, and must give a pair, the second of ` +
      "which is what the next step is given",
  );
}

/**
 * What a gradient function found.
 *
 * @throws TypeError unless it is a loss, metrics, a state like the one before, and a gradient like the parameters
 */
export function checkedGradient<P extends Tree, M extends Metrics>(
  found: Gradient<P, M>,
  { params, state }: { readonly params: P; readonly state: TensorRecord },
): Gradient<P, M> {
  const wrong = !isRecord(found)
    ? `it gives ${kindOf(found)}`
    : !(found.loss instanceof tf.Tensor)
    ? `its loss is ${kindOf(found.loss)}`
    : !isRecord(found.metrics)
    ? `its metrics are ${kindOf(found.metrics)}`
    : !isRecord(found.state)
    ? `its state is ${kindOf(found.state)}`
    : undefined;
  if (wrong !== undefined) {
    throw new TypeError(
      `Cannot use the gradient: ${wrong}, and it must give { loss, grads, state, metrics } as ` +
        "optim.valueAndGrad does",
    );
  }
  requireAlike("the gradient", found.grads, "the parameters", params);
  requireAlike("the loss's state", found.state, "the model's init", state);
  return found;
}

/**
 * A state before the first step.
 *
 * @throws TypeError unless all that it holds is tensors that a checkpoint can hold
 */
export function checkedState(whose: string, state: Tree): Tree {
  forEachLeaf(state, (leaf, path) => {
    if (leaf instanceof tf.Tensor && (leaf.dtype === "float32" || leaf.dtype === "int32")) return;
    throw new TypeError(
      `Cannot use the ${whose}'s init: it gives ${kindOf(leaf)}${
        path && ` at ${path}`
      }, and must ` +
        "give tensors of float32 or int32 in records or arrays",
    );
  });
  return state;
}

/**
 * Refuses a tree that is not as another one.
 *
 * @throws TypeError that names the first leaf that differs
 */
export function requireAlike(what: string, tree: Tree, other: string, like: Tree): void {
  const [found, expected] = [leavesIn(tree), leavesIn(like)];
  const paths = [...expected.keys(), ...found.keys()];
  const path = paths.find((path) => found.get(path) !== expected.get(path));
  if (path === undefined) return;
  const at = path === "" ? "" : ` at ${path}`;
  throw new TypeError(
    `Cannot use ${what}: it has ${found.get(path) ?? "nothing"}${at}, where ${other} ` +
      `${/s$/.test(other) ? "have" : "has"} ${expected.get(path) ?? "nothing"}; both must be alike`,
  );
}

/** The leaves of a tree by their paths, each as its type and shape. */
function leavesIn(tree: unknown): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  forEachLeaf(tree, (leaf, path) => found.set(path, kindOf(leaf)));
  return found;
}

/** A value in a message. */
function kindOf(value: unknown): string {
  if (value instanceof tf.Tensor) return `${value.dtype} [${value.shape}]`;
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === "object" && value !== null
    ? `a record of ${Object.keys(value).join(", ") || "nothing"}`
    : `${value}`;
}
