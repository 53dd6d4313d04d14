import type { LoadOptions } from "./load_options.ts";
import { take } from "./take.ts";
import type { ImageSet } from "../types.ts";

/** What a validation split is taken from. */
export interface SplitOptions {
  /** The first training examples, of which the last are held out; default all. */
  readonly core?: number;
  /** How many of them are kept for training; default nine tenths. */
  readonly kept?: number;
}

/**
 * Training and test examples as the options want them: with `validation`, the last tenth of the
 * training examples stands in the place of the test set and is not trained on. Where there are more
 * training examples than the core, the kept ones are moved to them in memory.
 *
 * Source: `use_test_set` in `sam_jax/datasets/dataset_source.py` of the reference, whose counts are
 * 45,000 of 50,000 (CIFAR) and 54,000 of 60,000 (Fashion-MNIST).
 */
export function chosenSplit(
  train: ImageSet,
  test: ImageSet,
  { validation = false, trainCount, testCount }: LoadOptions,
  { core = train.labels.length, kept = Math.floor(0.9 * core) }: SplitOptions = {},
): { readonly train: ImageSet; readonly test: ImageSet } {
  const [trained, evaluated] = validation ? holdOut(train, core, kept) : [train, test];
  return {
    train: take(trained, trainCount, "trainCount"),
    test: take(evaluated, testCount, "testCount"),
  };
}

/** What is left, and the first `core` examples without their first `kept`. */
function holdOut(
  { images, labels, shape }: ImageSet,
  core: number,
  kept: number,
): [ImageSet, ImageSet] {
  const size = images.length / labels.length;
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
