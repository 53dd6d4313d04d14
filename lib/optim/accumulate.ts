import { leaves, mapTree, random, subroutine, tf, tidy, type Tree } from "../tensorflow/mod.ts";
import { checkGradientFunction } from "./_check_function.ts";
import { countParts, dividedBy } from "./_groups.ts";
import type { Gradient, GradientFunction, Metrics, Pass } from "./types.ts";

/** Options of {@linkcode accumulate}. */
export interface AccumulateOptions {
  /** Examples that pass through the network at once; it must divide the batch size. */
  readonly microBatchSize: number;
}

/**
 * A gradient function in little memory: of the batch's micro-batches one after another, and their
 * mean. It is that of the whole batch to rounding where a loss is the mean over examples; so `sam` of it
 * climbs by the gradient of the whole batch, accumulated, and descends by another one, and `mSharpness`
 * of that does so for each group.
 *
 * Batch norm sees a micro-batch: there it is another function than that of the whole batch, the one of
 * `mSharpness` without SAM. Running statistics and metrics are means over the micro-batches, and each
 * has a seed of its own, by which dropout and shaking draw. With micro-batches of the batch's size it is
 * the gradient function itself.
 *
 * In a compiled step a micro-batch begins when the one before has ended, and the step is traced once,
 * however many there are.
 *
 * ```ts
 * import { models, optim, train } from "sam";
 *
 * const model = models.wideResNet({ depth: 10, width: 1, classes: 10 });
 * const gradient = optim.valueAndGrad(train.crossEntropyLoss(model));
 * const small = optim.accumulate(gradient, { microBatchSize: 16 });
 * const sharper = optim.mSharpness(optim.sam(small, { rho: 0.05 }), { m: 64 });
 * ```
 *
 * @throws TypeError for anything else than a gradient function
 * @throws RangeError if the size is not a positive integer, or (when called) does not divide the batch
 */
export function accumulate<P extends Tree, Batch, M extends Metrics>(
  gradient: GradientFunction<P, Batch, M>,
  { microBatchSize: size }: AccumulateOptions,
): GradientFunction<P, Batch, M> {
  checkGradientFunction("accumulate", gradient);
  if (!(Number.isInteger(size) && size >= 1)) {
    throw new RangeError(`Cannot accumulate micro-batches of ${size} examples: it must be >= 1`);
  }
  const part = subroutine(
    (params: P, batch: Batch, pass: Pass) => gradient(params, batch, pass),
    { name: "the gradient of a micro-batch" },
  );
  return (params, batch, pass) =>
    tidy(() => {
      const count = countParts(batch as Tree, size, (examples) =>
        `Cannot accumulate a batch of ${examples} examples in micro-batches of ${size}: the size must ` +
        "divide the batch size");
      if (count === 1) {
        return gradient(params, batch, pass);
      }
      let sum: Gradient<P, M> | undefined;
      for (let index = 0; index < count; index++) {
        const before = sum;
        sum = tidy(() => {
          const own = mapTree((t) =>
            tf.slice(t, [index * size], [size]), batch as Tree) as Batch;
          // Outside of the call the sum is added to in its own memory, which the call would hold.
          const found = part.after(
            before === undefined ? [] : leaves(before as unknown as Tree),
            ...[params, own, { ...pass, seed: random.foldIn(pass.seed, index) }] as const,
          );
          return before === undefined ? found : added(before, found);
        });
        if (before !== undefined) {
          tf.dispose(leaves(before as unknown as Tree));
        }
      }
      return dividedBy(count, sum!);
    });
}

function added<G>(sum: G, other: G): G {
  return mapTree((a, b) => tf.add(a, b!), sum as Tree, other as Tree) as G;
}
