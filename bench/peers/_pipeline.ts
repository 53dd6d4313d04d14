import { basic, type ImageSet, trainingPipeline } from "../../lib/data/mod.ts";
import { tf } from "../../lib/tensorflow/mod.ts";
import type { Setup } from "../_protocol.ts";

/** Enough that starting an epoch counts as little as it does in training. */
const IMAGES = 50_000;

/** A step takes one batch out of the training pipeline with the basic augmentation. */
export function pipelineStep({ batch, size }: Setup): () => Promise<number> {
  const train: ImageSet = {
    images: new Uint8Array(IMAGES * size * size * 3).map((_, index) => (index * 31) & 255),
    labels: Int32Array.from({ length: IMAGES }, (_, index) => index % 10),
    shape: [size, size, 3],
  };
  const data = {
    name: "bench",
    classes: Array.from("0123456789"),
    train,
    test: train,
    mean: [0.5, 0.5, 0.5],
    standardDeviation: [0.25, 0.25, 0.25],
  };
  const pipeline = trainingPipeline(data, { batchSize: batch, augmentation: basic });
  let seed = 0;
  let epoch = pipeline.epoch(seed);
  return async () => {
    let next = await epoch.next();
    if (next.done) {
      epoch = pipeline.epoch(++seed);
      next = await epoch.next();
    }
    tf.dispose(next.value!);
    return 0;
  };
}
