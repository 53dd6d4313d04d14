import { join } from "node:path";
import { type ImageBatch, type ImageSet, imageSource, loadImageFiles } from "../../lib/data/mod.ts";
import { type dataset, tf } from "../../lib/tensorflow/mod.ts";
import type { Setup } from "../_protocol.ts";

/** Enough that starting an epoch counts as little as it does in training. */
const IMAGES = 50_000;
/** How often the sample's files come in an epoch. */
const REPEATS = 40;

/** A step takes one batch out of a training pipeline. */
export async function pipelineStep(setup: Setup): Promise<() => Promise<number>> {
  const pipeline = setup.task === "pipeline_jpeg" ? await files(setup) : arrays(setup);
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

function arrays({ batch, size, task }: Setup): dataset.Dataset<ImageBatch> {
  const train: ImageSet = {
    images: new Uint8Array(IMAGES * size * size * 3).map((_, index) => (index * 31) & 255),
    labels: Int32Array.from({ length: IMAGES }, (_, index) => index % 10),
    shape: [size, size, 3],
  };
  const data = {
    name: "cifar10",
    classes: Array.from("0123456789"),
    train,
    test: train,
    mean: [0.5, 0.5, 0.5],
    standardDeviation: [0.25, 0.25, 0.25],
  };
  const augmentation = task === "pipeline_autoaugment" ? "autoaugment" : "basic";
  return imageSource(data).training({ batchSize: batch, augmentation });
}

async function files({ batch, size }: Setup): Promise<dataset.Dataset<ImageBatch>> {
  const folder = join(Deno.env.get("SAM_DATA_DIR") ?? "data", "imagenet_sample");
  const set = await loadImageFiles(`folder:${folder}`, { imageSize: size });
  const paths = [...set.train.paths, ...set.test.paths];
  const many = Array.from({ length: REPEATS }, () => paths).flat();
  const train = {
    ...set.train,
    paths: many,
    labels: Int32Array.from(many, (_, index) => index % 10),
  };
  return imageSource({ ...set, train }).training({ batchSize: batch });
}
