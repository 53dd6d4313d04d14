import type { ImageClassification, ImageFiles, ImageRecords, ImageSet } from "../types.ts";

/**
 * Refuses a data set that batches would be silently wrong of, or fail in the middle of training.
 *
 * @throws RangeError for examples that are none, sizes that do not go together, labels without a class,
 *   and statistics that normalise to numbers which are not finite
 */
export function checkSource(
  { name, classes, mean, standardDeviation, ...splits }: ImageClassification<
    ImageSet | ImageFiles | ImageRecords
  >,
): void {
  const range = (problem: string) => new RangeError(`Cannot make batches of ${name}: ${problem}`);
  if (!(Array.isArray(classes) && classes.length >= 2)) {
    throw range(`it has the classes ${classes}, and must have at least two`);
  }
  for (const split of ["train", "test"] as const) {
    const examples = splits[split];
    const problem = problemOf(examples, classes.length);
    if (problem !== undefined) {
      throw new RangeError(`Cannot make batches of ${name}: ${split} ${problem}`);
    }
  }
  const { shape } = splits.train;
  if (shape.join() !== splits.test.shape.join()) {
    throw range(`images of test are [${splits.test.shape}], and of train [${shape}]`);
  }
  for (const [what, numbers] of Object.entries({ mean, standardDeviation })) {
    const least = what === "mean" ? -Infinity : 0;
    const isRight = Array.isArray(numbers) && numbers.length === shape[2] &&
      numbers.every((value) => Number.isFinite(value) && value > least);
    if (isRight) continue;
    const numbersWanted = what === "mean" ? "a finite number" : "a finite number above 0";
    throw range(
      `its ${what} is [${numbers}], and must have ${numbersWanted} for each channel of [${shape}]`,
    );
  }
}

function isKnown(examples: unknown): boolean {
  return typeof examples === "object" && examples !== null;
}

/** What is wrong with examples, in words that follow their name. */
function problemOf(
  examples: ImageSet | ImageFiles | ImageRecords | undefined,
  classes: number,
): string | undefined {
  if (!isKnown(examples)) return `is ${examples}, and must be examples with a shape`;
  const { shape } = examples!;
  if (!(shape?.length === 3 && shape.every((size) => Number.isSafeInteger(size) && size > 0))) {
    return `has images of shape [${shape}], which must be [height, width, channels]`;
  }
  if (!("labels" in examples!)) return undefined;
  const { labels } = examples;
  if (!(labels instanceof Int32Array)) return "has labels that are no Int32Array";
  const wrong = labels.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0) {
    return `has the label ${labels[wrong]} at ${wrong}: labels are from 0 to ${classes - 1}`;
  }
  if ("paths" in examples) {
    return examples.paths.length === labels.length
      ? undefined
      : `has ${examples.paths.length} files and ${labels.length} labels`;
  }
  const { images } = examples;
  if (!(images instanceof Uint8Array)) {
    return "has images that are no Uint8Array, of pixels 0 to 255";
  }
  const bytes = labels.length * shape[0] * shape[1] * shape[2];
  if (images.length === bytes) return undefined;
  return `has ${images.length} pixels, and ${labels.length} labels of images [${shape}] need ${bytes}`;
}
