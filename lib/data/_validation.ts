import type { LoadOptions } from "./load_options.ts";
import { take } from "./take.ts";
import type { ImageSet } from "./types.ts";

/**
 * Training and test examples as the options want them: with `validation`, the last tenth of the
 * training examples stands in the place of the test set and is not trained on.
 *
 * Source: `use_test_set` in `datasets/dataset_source.py` of the reference, whose counts are 45,000
 * of 50,000 (CIFAR) and 54,000 of 60,000 (Fashion-MNIST).
 */
export function chosenSplit(
  train: ImageSet,
  test: ImageSet,
  { validation = false, trainCount, testCount }: LoadOptions,
): { readonly train: ImageSet; readonly test: ImageSet } {
  if (!validation) return { train: take(train, trainCount), test: take(test, testCount) };
  const kept = Math.floor(0.9 * train.labels.length);
  const size = train.images.length / train.labels.length;
  const held = {
    images: train.images.subarray(kept * size),
    labels: train.labels.subarray(kept),
    shape: train.shape,
  };
  return { train: take(take(train, kept), trainCount), test: take(held, testCount) };
}
