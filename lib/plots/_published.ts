import { type Estimate, relativeReduction } from "../statistics/mod.ts";

/** A number from the literature, drawn apart from what was measured here. */
export interface PublishedError {
  readonly dataset: string;
  readonly model: string;
  readonly method: string;
  readonly rho: number;
  /** Top-1 error as a fraction in [0, 1]. */
  readonly testError: number;
  /** How the images were augmented; numbers are compared with those of the same augmentation. */
  readonly augmentation?: string;
  /** How long was trained; numbers are compared with those of as many epochs. */
  readonly epochs?: number;
  /** What else it was measured with, a line each, such as "50,000 training images". */
  readonly details?: readonly string[];
}

/**
 * By which share a published error is lower than the baseline's of the same data set, model, augmentation
 * and epochs; none where there is no such number.
 *
 * @throws RangeError if an error is no fraction
 */
export function publishedReduction(
  one: PublishedError,
  errors: readonly PublishedError[],
  baseline: string,
): { readonly base: PublishedError; readonly reduction: Estimate } | undefined {
  checkError(one);
  if (one.method === baseline) return undefined;
  const base = errors.find((other) =>
    other.dataset === one.dataset && other.model === one.model && other.method === baseline &&
    other.augmentation === one.augmentation && other.epochs === one.epochs
  );
  const reduction = base && relativeReduction([base.testError], [one.testError]);
  return reduction && { base, reduction };
}

function checkError({ testError }: PublishedError): void {
  if (testError >= 0 && testError <= 1) return;
  throw new RangeError(
    `Cannot plot the published error ${testError}: it must be a fraction in [0, 1]`,
  );
}
