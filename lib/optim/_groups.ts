import { mapTree, namedLeaves, tf, type Tree } from "../tensorflow/mod.ts";
import type { Gradient, Metrics } from "./types.ts";

/** Options of {@linkcode synchronizedMSharpness}. */
export interface MSharpnessOptions {
  /** Examples that share a perturbation; it must divide the batch size. */
  readonly m: number;
}

/** Throws a RangeError unless m is a positive integer. */
export function checkM(m: number): void {
  if (Number.isInteger(m) && m >= 1) return;
  throw new RangeError(`Cannot perturb for groups of ${m} examples: m must be an integer >= 1`);
}

/**
 * How many groups of m examples a batch has.
 *
 * @throws RangeError as {@linkcode countParts} does
 */
export function countGroups(batch: Tree, m: number): number {
  return countParts(
    batch,
    m,
    (examples) =>
      `Cannot split a batch of ${examples} examples into groups of m = ${m}: m must divide the batch size`,
  );
}

/**
 * How many parts of some examples each a batch has, the first axis of its tensors being that of the
 * examples.
 *
 * @param refusal what is wrong if the size does not divide the batch
 * @throws RangeError if the size does not divide it, and unless all its tensors have as many examples
 */
export function countParts(
  batch: Tree,
  size: number,
  refusal: (examples: number) => string,
): number {
  const tensors = namedLeaves(batch);
  const examples = tensors[0]?.[1].shape[0] ?? 0;
  for (const [path, { shape }] of tensors) {
    if (shape.length > 0 && shape[0] === examples) continue;
    const found = shape.length === 0 ? "a scalar" : `${shape[0]}`;
    throw new RangeError(
      `Cannot divide a batch of ${examples} examples that holds ${found} at ${
        path || "its root"
      }: the ` +
        "first axis of each of its tensors must be that of the examples",
    );
  }
  const count = examples / size;
  if (Number.isInteger(count) && count > 0) return count;
  throw new RangeError(refusal(examples));
}

/** A mean of what parts of a batch found, of its sum; whole numbers in a state stay such, rounded down. */
export function dividedBy<P extends Tree, M extends Metrics>(
  count: number,
  sum: Gradient<P, M>,
): Gradient<P, M> {
  const mean = (t: tf.Tensor) => tf.div(t, count);
  const ofState = (t: tf.Tensor) =>
    t.dtype === "int32" ? tf.floorDiv(t, tf.scalar(count, "int32")) : mean(t);
  const { state, ...others } = sum;
  const means = mapTree(mean, others as unknown as Tree) as unknown as typeof others;
  return { ...means, state: mapTree(ofState, state) };
}
