import { findUndecodable, type ImageSource, imageSource } from "../data/mod.ts";
import { compile, image, tf, tidy } from "../tensorflow/mod.ts";
import { consuming } from "./_step_values.ts";
import type { TrainedModel } from "./trained_model.ts";

/** A class, and how likely it is. */
export interface Prediction {
  readonly class: string;
  readonly probability: number;
}

/** Options of {@linkcode predict}. */
export interface PredictOptions {
  /** How many classes are given of each image; default 5. */
  readonly count?: number;
}

/** Images in a batch. */
const BATCH_SIZE = 32;

/**
 * The likeliest classes of each image file, the likeliest first. Images are prepared as those of the
 * network's data set are evaluated: where that is of files the crop in the middle is taken, else the whole
 * image is brought to its size, gray for networks that take one channel.
 *
 * ```ts
 * import { data, image, models, tf, train } from "sam";
 *
 * const source = await data.loadDataset("synthetic_16", { trainCount: 20, testCount: 20 });
 * const model = models.buildModel("wide_resnet_10_1", { classes: source.classes.length });
 * const variables = model.init(0, [20, ...source.train.shape]);
 * const path = await Deno.makeTempFile({ suffix: ".png" });
 * await Deno.writeFile(path, await image.encodePng(tf.zeros([20, 20, 3], "int32") as tf.Tensor3D));
 * const [likeliest] = await train.predict({ model, variables, source }, [path], { count: 1 });
 * console.log(likeliest);
 * ```
 *
 * @param paths of JPEG, PNG, GIF (the first frame) or BMP files
 * @throws Error that names a file which cannot be read or is not an image
 */
export async function predict(
  { model, variables, source }: Pick<TrainedModel, "model" | "variables" | "source">,
  paths: readonly string[],
  { count = 5 }: PredictOptions = {},
): Promise<Prediction[][]> {
  const step = compile(
    (params: typeof variables, images: tf.Tensor) =>
      tidy(() => tf.softmax(model.apply(params, images).output)),
    { name: "the prediction" },
  );
  const found: Prediction[][] = [];
  try {
    const batches = sourceOf(paths, source).evaluation({ batchSize: BATCH_SIZE });
    for await (const batch of batches.epoch()) {
      const probabilities = await consuming(batch, () => step(variables, batch.images));
      const rows = tf.tidy(() => probabilities.arraySync()) as number[][];
      probabilities.dispose();
      found.push(...rows.map((row) => likeliest(row, source.classes, count)));
    }
  } catch (error) {
    throw await findUndecodable(paths) ?? error;
  } finally {
    step.dispose();
  }
  return found;
}

function likeliest(
  probabilities: readonly number[],
  classes: readonly string[],
  count: number,
): Prediction[] {
  return probabilities
    .map((probability, index) => ({ class: classes[index]!, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count);
}

/** A source of the same kind whose test examples are the images. */
function sourceOf(paths: readonly string[], source: ImageSource): ImageSource {
  const { name, classes, mean, standardDeviation, shape, test } = source;
  const labels = new Int32Array(paths.length);
  const described = { name, classes, mean, standardDeviation };
  if (!("images" in test)) {
    const files = { paths, labels, shape, allJpeg: false };
    return imageSource({ ...described, train: files, test: files });
  }
  const size = tf.util.sizeFromShape([...test.shape]);
  const images = new Uint8Array(paths.length * size);
  paths.forEach((path, index) => images.set(pixelsOf(path, test.shape), index * size));
  const set = { images, labels, shape: test.shape };
  const imageSize = shape[0] === test.shape[0] ? undefined : shape[0];
  return imageSource({ ...described, train: set, test: set }, { imageSize });
}

/** Bytes of [height, width, channels]. */
function pixelsOf(
  path: string,
  [height, width, channels]: readonly [number, number, number],
): Uint8Array {
  const bytes = Deno.readFileSync(path);
  return tf.tidy(() => {
    const decoded = image.decodeImage(bytes, 3, "int32", false) as tf.Tensor3D;
    const sized = tf.image.resizeBilinear(decoded, [height, width]);
    return Uint8Array.from(tf.round(inChannels(sized, channels)).dataSync());
  });
}

/** Gray is the luma of Rec. 601, as decoders of images take it. */
function inChannels(pixels: tf.Tensor, channels: number): tf.Tensor {
  return channels === 3 ? pixels : tf.sum(tf.mul(pixels, [0.299, 0.587, 0.114]), -1);
}
