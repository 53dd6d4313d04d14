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

/** Calls `visit` with each leaf and its path (`a/0/b`), depth first; records in sorted order. */
export function forEachLeaf(
  tree: unknown,
  visit: (leaf: unknown, path: string) => void,
  path = "",
): void {
  if (!isBranch(tree)) return visit(tree, path);
  const at = (key: string | number) => path === "" ? String(key) : `${path}/${key}`;
  if (Array.isArray(tree)) tree.forEach((child, index) => forEachLeaf(child, visit, at(index)));
  else {
    const record = tree as Record<string, unknown>;
    for (const key of Object.keys(record).sort()) forEachLeaf(record[key], visit, at(key));
  }
}

/** The leaves, depth first; records in sorted order. */
export function leaves(tree: Tree): tf.Tensor[] {
  const found: tf.Tensor[] = [];
  forEachLeaf(tree, (leaf) => found.push(leaf as tf.Tensor));
  return found;
}

/** The leaves with their paths (`WideResnetGroup_0/conv1/kernel`). */
export function namedLeaves(tree: Tree): [path: string, leaf: tf.Tensor][] {
  const found: [string, tf.Tensor][] = [];
  forEachLeaf(tree, (leaf, path) => found.push([path, leaf as tf.Tensor]));
  return found;
}

/** A tree of the same structure with `fn` of the corresponding leaves. */
export function mapTree<S extends Tree>(
  fn: (leaf: tf.Tensor, ...others: tf.Tensor[]) => tf.Tensor,
  tree: S,
  ...others: Tree[]
): S {
  return mapLeaves(
    (path, leaf, ...rest) => {
      const isTensor = rest.every((other) => other instanceof tf.Tensor);
      if (!isTensor) throw new TypeError(`Cannot map trees: their structures differ at ${path}`);
      return fn(leaf as tf.Tensor, ...rest as tf.Tensor[]);
    },
    tree,
    ...others,
  ) as S;
}

/** A tree of the same structure from `leaves` in the order of {@linkcode leaves}. */
export function withLeaves<S extends Tree>(tree: S, leaves: readonly tf.Tensor[]): S {
  let next = 0;
  return mapLeaves(() => leaves[next++], tree) as S;
}

function mapLeaves(
  fn: (path: string, ...leaves: unknown[]) => unknown,
  tree: unknown,
  ...others: unknown[]
): unknown {
  return map("", tree, others);

  function map(path: string, tree: unknown, others: unknown[]): unknown {
    if (!isBranch(tree)) return fn(path, tree, ...others);
    const child = (key: string | number, value: unknown) =>
      map(
        path === "" ? String(key) : `${path}/${key}`,
        value,
        others.map((other) => (other as Record<string | number, unknown> | undefined)?.[key]),
      );
    if (Array.isArray(tree)) return tree.map((value, index) => child(index, value));
    const record = tree as Record<string, unknown>;
    return Object.fromEntries(
      Object.keys(record).sort().map((key) => [key, child(key, record[key])]),
    );
  }
}
