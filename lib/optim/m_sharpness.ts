import { mapTree, random, tf, tidy, type Tree } from "../tensorflow/mod.ts";
import type { GradientFunction, Loss } from "./types.ts";

/** Options of {@linkcode mSharpness}. */
export interface MSharpnessOptions {
  /** Examples that share a perturbation; it must divide the batch size. */
  readonly m: number;
}

/** What a training loss takes besides parameters: batch statistics, a batch, a seed. */
type BatchArguments = readonly [state: Tree, batch: object, seed: random.Seed];

/**
 * m-sharpness: a gradient function, such as one made by `sam`, on each group of m examples of the
 * batch by itself, and the mean over the groups. SAM so climbs from the gradient of m examples, as
 * on a device of several that sees only its own share of the batch.
 *
 * Loss, metrics and batch statistics are means over the groups too, each group being normalised by
 * its own statistics, as the reference's replicas are. Each group has a seed of its own. With m the
 * size of the batch it is the gradient function itself.
 *
 * Source: Foret et al. 2021, section 4.1 ("m-sharpness"); `train_step` of the reference without
 * `sync_perturbations`.
 *
 * @throws RangeError if m is not a positive integer, or (when called) does not divide the batch
 */
export function mSharpness<P extends Tree, Args extends BatchArguments>(
  gradient: GradientFunction<P, Args>,
  { m }: MSharpnessOptions,
): GradientFunction<P, Args> {
  if (!Number.isInteger(m) || m < 1) {
    throw new RangeError(`Cannot perturb for groups of ${m} examples: m must be an integer >= 1`);
  }
  return (params, ...args) =>
    tidy(() => {
      const [state, batch, seed] = args;
      const groups = groupsOf(batch as Tree, m);
      if (groups.length === 1) return gradient(params, ...args);
      return meanOf(groups.map((group, index) => {
        const own = [state, group, random.foldIn(seed, index)] as unknown as Args;
        return gradient(params, ...own);
      }));
    });
}

/** Splits every tensor of a batch along its first axis. */
function groupsOf(batch: Tree, m: number): Tree[] {
  let count = 0;
  mapTree((tensor) => {
    count = tensor.shape[0]! / m;
    if (Number.isInteger(count)) return tensor;
    throw new RangeError(
      `Cannot split a batch of ${tensor.shape[0]} examples into groups of m = ${m}: m must ` +
        "divide the batch size",
    );
  }, batch);
  return Array.from({ length: count }, (_, index) =>
    mapTree(
      (tensor) => tf.slice(tensor, [index * m], [m]),
      batch,
    ));
}

function meanOf<Found extends Loss>(found: readonly Found[]): Found {
  const [first, ...others] = found as unknown as Tree[];
  const mean = (...tensors: tf.Tensor[]) => tf.div(tf.addN(tensors), tensors.length);
  return mapTree(mean, first!, ...others) as unknown as Found;
}
