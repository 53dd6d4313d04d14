import { leaves, type Tree } from "../tensorflow/mod.ts";

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
 * How many groups of m examples a batch has, its tensors' first axis being that of the examples.
 *
 * @throws RangeError if m does not divide it
 */
export function countGroups(batch: Tree, m: number): number {
  const counts = leaves(batch).map(({ shape }) => {
    const count = (shape[0] ?? 1) / m;
    if (Number.isInteger(count)) return count;
    throw new RangeError(
      `Cannot split a batch of ${shape[0] ?? 1} examples into groups of m = ${m}: m must divide ` +
        "the batch size",
    );
  });
  return counts[0] ?? 1;
}
