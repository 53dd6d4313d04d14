import { dataset, random } from "../../tensorflow/mod.ts";
import type { ImageBatch } from "../augment/mod.ts";
import type { ImageClassification, ImageFiles } from "../types.ts";
import { decodeCenterCrop, readFile } from "./_decode.ts";
import { decoder, evaluationBatches, trainingBatches } from "./_decoded_batches.ts";
import type { Changes, Evaluation } from "./_options.ts";

/**
 * Shuffled batches of images that are decoded on TensorFlow's threads; an incomplete last batch is left
 * out.
 *
 * @throws Error if the augmentation cannot be traced, or changes the shape of the images
 */
export function trainingFromFiles(
  set: ImageClassification<ImageFiles>,
  options: Changes,
): dataset.Dataset<ImageBatch> {
  const { train: { allJpeg, shape: [size] } } = set;
  const decode = decoder(options, { size, allJpeg });
  const decoded = files(set.train).shuffle().map(
    function read({ path, labels }, seed: random.Seed) {
      return { images: decode(readFile(path), seed), labels };
    },
  );
  return trainingBatches(decoded, set, options);
}

/** The test set in its order, to the last example: the crop in the middle of each image. */
export function evaluationFromFiles(
  set: ImageClassification<ImageFiles>,
  { batchSize }: Evaluation,
): dataset.Dataset<ImageBatch> {
  const { test: { allJpeg, shape: [size] } } = set;
  const decoded = files(set.test).map(function read({ path, labels }) {
    return { images: decodeCenterCrop(readFile(path), { size, allJpeg }), labels };
  });
  return evaluationBatches(decoded, set, batchSize);
}

function files({ paths, labels }: ImageFiles) {
  return dataset.fromArrays({
    path: { values: paths, shape: [paths.length] },
    labels: { values: labels, shape: [labels.length] },
  });
}
