import type { LoadOptions } from "./load_options.ts";
import { take } from "./take.ts";
import type { ImageSet } from "./types.ts";

/**
 * How many of the training examples are kept where the others stand in for the test set: nine tenths.
 *
 * Source: `use_test_set` in `sam_jax/datasets/dataset_source.py` of the reference, whose counts are
 * 45,000 of 50,000 (CIFAR), 54,000 of 60,000 (Fashion-MNIST) and 65,931 of 73,257 (SVHN).
 */
export function keptForTraining(count: number): number {
  return Math.floor(0.9 * count);
}

/**
 * Training and test examples as the options want them: with `validation`, the last tenth of the
 * training examples stands in the place of the test set and is not trained on.
 *
 * @param core how many of the first training examples that tenth is taken from; default all. If there
 *   are more, the kept ones are moved to them in memory
 */
export function chosenSplit(
  train: ImageSet,
  test: ImageSet,
  { validation = false, trainCount, testCount }: LoadOptions,
  core = train.labels.length,
): { readonly train: ImageSet; readonly test: ImageSet } {
  const [trained, evaluated] = validation ? holdOut(train, core) : [train, test];
  return { train: take(trained, trainCount), test: take(evaluated, testCount) };
}

/** What is left, and the last tenth of the first `core` examples. */
function holdOut({ images, labels, shape }: ImageSet, core: number): [ImageSet, ImageSet] {
  const size = images.length / labels.length;
  const kept = keptForTraining(core);
  const part = (start: number, end: number) => ({
    images: images.subarray(start * size, end * size),
    labels: labels.subarray(start, end),
    shape,
  });
  if (core === labels.length) return [part(0, kept), part(kept, core)];
  const held = part(kept, core);
  const copy = { images: held.images.slice(), labels: held.labels.slice(), shape };
  // The kept ones are moved, not those behind them, which are many more.
  images.copyWithin((core - kept) * size, 0, kept * size);
  labels.copyWithin(core - kept, 0, kept);
  return [part(core - kept, labels.length), copy];
}
