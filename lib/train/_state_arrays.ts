import { namedLeaves, tf, type Tree, withLeaves } from "../tensorflow/mod.ts";
import { type ArraySpec, checkArrays } from "./parameters.ts";
import type { NamedArrays, NumericArray } from "../checkpoints/mod.ts";

/** Copies of a tree's tensors by path (`params/init_conv/kernel`). */
export function toArrays(tree: Tree): NamedArrays {
  const entries = namedLeaves(tree).map(([path, tensor]) => {
    const array = { ...specOf(tensor), data: tensor.dataSync() };
    return [path, array as NumericArray] as const;
  });
  return Object.fromEntries(entries);
}

/**
 * A tree of the structure of `like` with the arrays' values. The tensors are the caller's.
 *
 * @param source where the arrays are from, for the error
 * @throws RangeError that names the first array that is missing, too many, or of another shape
 */
export function treeFromArrays<T extends Tree>(arrays: NamedArrays, like: T, source: string): T {
  const expected = namedLeaves(like);
  checkArrays(
    arrays,
    Object.fromEntries(expected.map(([path, tensor]) => [path, specOf(tensor)])),
    source,
  );
  const tensors = expected.map(([path, { shape, dtype }]) =>
    tf.tensor(arrays[path]!.data as Float32Array | Int32Array, shape, dtype)
  );
  return withLeaves(like, tensors);
}

function specOf({ dtype, shape }: tf.Tensor): ArraySpec & { dtype: NumericArray["dtype"] } {
  if (dtype !== "float32" && dtype !== "int32") {
    throw new TypeError(`Cannot save a tensor of ${dtype}: states are of float32 and int32`);
  }
  return { dtype: dtype === "float32" ? "F32" : "I32", shape };
}
