import { meanOverWorkers, type Workers } from "../distributed/mod.ts";
import type { Model } from "../nn/mod.ts";
import {
  accumulate,
  type GradientFunction,
  mSharpness,
  sam,
  type SamOptions,
  synchronizedMSharpness,
  valueAndGrad,
} from "../optim/mod.ts";
import type { TensorRecord, tf } from "../tensorflow/mod.ts";
import {
  type Batch,
  crossEntropyLoss,
  type CrossEntropyMetrics,
  type CrossEntropyOptions,
} from "./loss.ts";

/** How the examples of a batch share statistics, perturbations, memory and processes. */
export interface GradientOptions extends CrossEntropyOptions {
  /** Radius of SAM's neighbourhood; 0: none. */
  readonly rho: number;
  /** Examples in a step, of all workers together. */
  readonly batchSize: number;
  /** Examples of a group, which is normalised by itself; default the batch. */
  readonly m?: number | undefined;
  /** Whether groups climb together, not each by itself; default false. */
  readonly syncPerturbations?: boolean | undefined;
  /** Groups that climb together, where they do; default all. */
  readonly innerGroupSize?: number | undefined;
  /** Examples that pass through the network at once; default those that are normalised together. */
  readonly microBatchSize?: number | undefined;
  /** Whether all groups are normalised together; default as the model asks for. */
  readonly syncBatchNorm?: boolean | undefined;
  /** Whether metrics tell of the neighbourhood, where ρ is above 0; default false. */
  readonly samStatistics?: boolean | undefined;
  /** Those that share each batch, a share each. */
  readonly workers?: Workers | undefined;
}

type Found = GradientFunction<TensorRecord, Batch, CrossEntropyMetrics>;

/**
 * SAM's gradient of a classifier for each of the ways in which a batch can be divided: by groups of m
 * examples (the reference's replicas), by groups of these that climb together, by workers, by
 * micro-batches. What comes of it does not depend on the number of workers, but for batch norm that is
 * not synchronised, which sees a worker's share at most, and for what networks draw where it is.
 *
 * Source: `train_step` in `flax_training.py` of the reference.
 *
 * @throws RangeError for sizes that do not divide one another, and where batch norm would have to be
 *   synchronised over micro-batches
 */
export function samGradient(model: Model, options: GradientOptions): Found {
  const { rho, samStatistics: statistics, batchSize, microBatchSize, workers } = options;
  const neighbourhood = { rho, statistics };
  const sizes = divide(options);
  const { share, group, climbing } = sizes;
  if ((options.syncBatchNorm ?? model.syncBatchNorm) && (group < batchSize || share < batchSize)) {
    if (microBatchSize === undefined) return normalizedTogether(model, options, sizes);
    throw new RangeError(
      "Cannot synchronise batch norm over micro-batches: let each be normalised by its own examples " +
        "(--no-sync-batch-norm)",
    );
  }
  const own: Found = valueAndGrad(crossEntropyLoss(model, options));
  const small = microBatchSize === undefined ? own : accumulate(own, { microBatchSize });
  return climbing <= share
    ? withinShares(small, neighbourhood, sizes, workers)
    : overShares(small, neighbourhood, sizes, workers!);
}

/** Whatever climbs together, all examples of the batch are normalised together. */
function normalizedTogether(model: Model, options: GradientOptions, sizes: Sizes): Found {
  const { rho, samStatistics: statistics, workers } = options;
  const { climbing, share } = sizes;
  const meanOverAll = workers && ((own: tf.Tensor) => workers.meanOf([own])[0]!);
  const loss = { ...options, meanOverAll };
  if (climbing > share) {
    const own: Found = valueAndGrad(crossEntropyLoss(model, loss));
    return overShares(own, { rho, statistics }, { ...sizes, group: share }, workers!);
  }
  const groups = valueAndGrad(crossEntropyLoss<readonly TensorRecord[]>(model, loss));
  const together = synchronizedMSharpness(groups, { rho, statistics, m: climbing });
  if (workers === undefined) return together;
  const firstGroup = workers.rank;
  return meanOverWorkers(mSharpness(together, { m: share, firstGroup }), workers);
}

/** How many examples each thing is of; each size divides the next. */
interface Sizes {
  /** What is normalised together. */
  readonly group: number;
  /** What climbs together; may be less than a share, or some shares. */
  readonly climbing: number;
  /** A worker's. */
  readonly share: number;
}

/** Each worker climbs by itself, and what it finds is averaged. */
function withinShares(
  own: Found,
  neighbourhood: SamOptions,
  { group, climbing, share }: Sizes,
  workers: Workers | undefined,
): Found {
  const together = sam(group < climbing ? mSharpness(own, { m: group }) : own, neighbourhood);
  if (workers === undefined) {
    return climbing < share ? mSharpness(together, { m: climbing }) : together;
  }
  const firstGroup = workers.rank * share / climbing;
  return meanOverWorkers(mSharpness(together, { m: climbing, firstGroup }), workers);
}

/** Some workers climb together, by the mean of their gradients. */
function overShares(
  own: Found,
  neighbourhood: SamOptions,
  { group, climbing, share }: Sizes,
  workers: Workers,
): Found {
  const of = climbing / share;
  const groups = mSharpness(own, {
    m: group,
    firstGroup: workers.rank % of * share / group,
  });
  const isAll = of === workers.size;
  // The descent's gradient of some is a part of the mean over all: only statistics need it by itself.
  const ascentOnly = !isAll && !neighbourhood.statistics;
  const together = sam(meanOverWorkers(groups, workers, { of, ascentOnly }), neighbourhood);
  if (isAll) return together;
  const firstGroup = Math.floor(workers.rank / of);
  return meanOverWorkers(mSharpness(together, { m: share, firstGroup }), workers);
}

function divide(
  { batchSize, m, syncPerturbations = false, innerGroupSize, microBatchSize, workers }:
    GradientOptions,
): Sizes {
  const share = batchSize / (workers?.size ?? 1);
  requireParts(share, "a batch", batchSize, `shares of ${workers?.size} workers`);
  const normalized = m ?? batchSize;
  requireParts(batchSize / normalized, "a batch", batchSize, `groups of m = ${m}`);
  const together = syncPerturbations ? innerGroupSize ?? batchSize / normalized : 1;
  const climbing = together * normalized;
  requireParts(
    batchSize / climbing,
    "a batch",
    batchSize,
    `${together} groups of ${normalized} each`,
  );
  // Where a worker's share is less than a group, it is normalised by itself.
  const group = Math.min(normalized, share);
  requireParts(share / group, "a worker's share", share, `groups of m = ${m}`);
  requireParts(
    Math.max(share, climbing) / Math.min(share, climbing),
    "a worker's share",
    share,
    `the ${climbing} examples that climb together`,
  );
  if (microBatchSize !== undefined) {
    requireParts(group / microBatchSize, "a group", group, `micro-batches of ${microBatchSize}`);
  }
  return { group, climbing, share };
}

function requireParts(count: number, what: string, size: number, parts: string): void {
  if (Number.isInteger(count)) return;
  throw new RangeError(
    `Cannot divide ${what} of ${size} examples into ${parts}: that leaves a remainder`,
  );
}
