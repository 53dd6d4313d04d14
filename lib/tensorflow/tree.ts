import * as tf from "@tensorflow/tfjs";

/** A tensor, or an array or record of trees: parameters, gradients and states are such. */
export type Tree = tf.Tensor | readonly Tree[] | { readonly [name: string]: Tree };

/** A tree whose leaves are tensors by name, in nested records: the parameters of a model. */
export type TensorRecord = { readonly [name: string]: tf.Tensor | TensorRecord };

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether `value` has children in a tree: an array or a plain object. */
export function isBranch(value: unknown): value is readonly unknown[] | Record<string, unknown> {
  return Array.isArray(value) || isRecord(value);
}

/**
 * Calls `visit` with each leaf and its path (`a/0/b`), depth first; records in sorted order.
 *
 * ```ts
 * import { forEachLeaf } from "sam/tensorflow";
 *
 * forEachLeaf({ b: [1, 2], a: 3 }, (leaf, path) => console.log(path, leaf)); // a 3, b/0 1, b/1 2
 * ```
 */
export function forEachLeaf(
  tree: unknown,
  visit: (leaf: unknown, path: string) => void,
  path = "",
): void {
  const keys = keysOf(tree);
  if (keys === undefined) return visit(tree, path);
  for (const key of keys) {
    forEachLeaf((tree as Record<string, unknown>)[key], visit, join(path, key));
  }
}

/**
 * The leaves, depth first; records in sorted order.
 *
 * ```ts
 * import { leaves, tf } from "sam";
 *
 * tf.dispose(leaves({ w: tf.ones([2]), more: [tf.scalar(1)] }));
 * ```
 */
export function leaves(tree: Tree): tf.Tensor[] {
  const found: tf.Tensor[] = [];
  forEachLeaf(tree, (leaf) => found.push(leaf as tf.Tensor));
  return found;
}

/**
 * The leaves with their paths (`WideResnetGroup_0/conv1/kernel`).
 *
 * ```ts
 * import { namedLeaves, tf } from "sam/tensorflow";
 *
 * console.log(namedLeaves({ dense: { kernel: tf.ones([2]) } })[0]![0]); // dense/kernel
 * ```
 */
export function namedLeaves(tree: Tree): [path: string, leaf: tf.Tensor][] {
  const found: [string, tf.Tensor][] = [];
  forEachLeaf(tree, (leaf, path) => found.push([path, leaf as tf.Tensor]));
  return found;
}

/**
 * A tree of the same structure with `fn` of the corresponding leaves.
 *
 * ```ts
 * import { mapTree, tf } from "sam";
 *
 * const [params, grads] = [{ w: tf.scalar(1) }, { w: tf.scalar(4) }];
 * const next = mapTree((w, g) => tf.sub(w, tf.mul(g!, 0.1)), params, grads);
 * console.log(next.w.dataSync()[0]); // 0.6
 * ```
 *
 * @throws TypeError if the trees differ in structure, with the path of the first difference
 */
export function mapTree<S extends Tree>(
  fn: (leaf: tf.Tensor, ...others: tf.Tensor[]) => tf.Tensor,
  tree: S,
  ...others: Tree[]
): S {
  return mapLeaves(fn as (...leaves: unknown[]) => unknown, tree, others, "") as S;
}

/**
 * A tree of the same structure from `leaves` in the order of {@linkcode leaves}.
 *
 * ```ts
 * import { leaves, tf, withLeaves } from "sam/tensorflow";
 *
 * const tree = { w: tf.scalar(1), b: tf.scalar(2) };
 * const doubled = withLeaves(tree, leaves(tree).map((leaf) => tf.mul(leaf, 2)));
 * console.log(doubled.w.dataSync()[0]); // 2
 * ```
 *
 * @throws RangeError if there are more or fewer than the tree has
 */
export function withLeaves<S extends Tree>(tree: S, leaves: readonly tf.Tensor[]): S {
  let next = 0;
  const result = mapLeaves(() => leaves[next++], tree, [], "") as S;
  if (next === leaves.length) return result;
  throw new RangeError(`Cannot make a tree of ${leaves.length} leaves: it has ${next}`);
}

function mapLeaves(
  fn: (...leaves: unknown[]) => unknown,
  tree: unknown,
  others: readonly unknown[],
  path: string,
): unknown {
  const keys = keysOf(tree);
  for (const other of others) refuseOtherKeys(keys, keysOf(other), path);
  if (keys === undefined) return fn(tree, ...others);
  const child = (key: string | number) => {
    const [first, ...rest] = [tree, ...others].map((tree) =>
      (tree as Record<string | number, unknown>)[key]
    );
    return mapLeaves(fn, first, rest, join(path, key));
  };
  if (Array.isArray(tree)) return tree.map((_, index) => child(index));
  return Object.fromEntries(keys.map((key) => [key, child(key)]));
}

/** The keys of a branch, those of records in sorted order; undefined for a leaf. */
function keysOf(tree: unknown): readonly string[] | undefined {
  if (!isBranch(tree)) return undefined;
  return Array.isArray(tree) ? Object.keys(tree) : Object.keys(tree).sort();
}

function refuseOtherKeys(
  keys: readonly string[] | undefined,
  others: readonly string[] | undefined,
  path: string,
): void {
  if (keys === others) return;
  if (keys !== undefined && others !== undefined) {
    if (keys.length === others.length && keys.every((key, i) => key === others[i])) return;
    const [first] = new Set(keys).symmetricDifference(new Set(others));
    path = join(path, first!);
  }
  throw new TypeError(`Cannot map trees: their structures differ at ${path || "the root"}`);
}

function join(path: string, key: string | number): string {
  return path === "" ? String(key) : `${path}/${key}`;
}
