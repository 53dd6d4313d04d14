import { dataset, random } from "../../tensorflow/mod.ts";
import type { ImageBatch } from "../augment/mod.ts";
import type { ImageClassification, ImageRecords } from "../types.ts";
import { decodeCenterCrop } from "./_decode.ts";
import { decoder, evaluationBatches, trainingBatches } from "./_decoded_batches.ts";
import { parseExample } from "./_example.ts";
import type { Changes, Evaluation } from "./_options.ts";

/** Records among which the next one is drawn, beside the order of the files. */
const SHUFFLED_RECORDS = 4096;

/**
 * The same of record files: these in random order, and their records within a buffer of 4,096.
 *
 * @throws Error if the augmentation cannot be traced, or changes the shape of the images
 */
export function trainingFromRecords(
  set: ImageClassification<ImageRecords>,
  options: Changes,
): dataset.Dataset<ImageBatch> {
  const { train: { paths, available, count, layout, shape: [size] }, classes } = set;
  const decode = decoder(options, { size, allJpeg: false });
  // The first records are the same ones in each epoch only in the files' order.
  const shuffleFiles = count === available;
  const records = dataset.fromRecordFiles(paths, available, { shuffleFiles }).take(count);
  const decoded = records.shuffle(Math.min(count, SHUFFLED_RECORDS)).map(
    function read(record, seed: random.Seed) {
      const { image, label } = parseExample(record, layout, classes.length);
      return { images: decode(image, seed), labels: label };
    },
  );
  return trainingBatches(decoded, set, options);
}

/** The test set of record files in its order. */
export function evaluationFromRecords(
  set: ImageClassification<ImageRecords>,
  { batchSize }: Evaluation,
): dataset.Dataset<ImageBatch> {
  const { test: { paths, available, count, layout, shape: [size] }, classes } = set;
  const records = dataset.fromRecordFiles(paths, available).take(count);
  const decoded = records.map(function read(record) {
    const { image, label } = parseExample(record, layout, classes.length);
    return { images: decodeCenterCrop(image, { size, allJpeg: false }), labels: label };
  });
  return evaluationBatches(decoded, set, batchSize);
}
