/** How long a run of the paper would take here, from the measured step of SAM. @module */
import { buildModel, modelImageSize } from "../../lib/models/mod.ts";
import type { Model } from "../../lib/nn/mod.ts";
import type { TrainConfig } from "../../lib/train/mod.ts";

/** Examples, classes and shape of an image; those in files are as large as the network wants. */
const DATA: Readonly<Record<string, { examples: number; classes: number; shape: number[] }>> = {
  cifar10: { examples: 50_000, classes: 10, shape: [32, 32, 3] },
  cifar100: { examples: 50_000, classes: 100, shape: [32, 32, 3] },
  svhn: { examples: 604_388, classes: 10, shape: [32, 32, 3] },
  fashion_mnist: { examples: 60_000, classes: 10, shape: [28, 28, 1] },
  imagenet: { examples: 1_281_167, classes: 1000, shape: [224, 224, 3] },
};

/** The network of a run and the shape of its batches. */
export function networkOf({ dataset, model, batchSize }: TrainConfig) {
  const { classes, shape } = DATA[dataset]!;
  const size = modelImageSize(model) ?? shape[0]!;
  const built = buildModel(model, { classes, imageSize: size });
  return { model: built, inputShape: [batchSize, size, size, shape[2]!], classes };
}

/** Multiplications and additions of a pass over one image, in convolutions and dense layers. */
export function multiplyAdds(model: Model, imageShape: readonly number[]): number {
  const { params, layers } = model.shapes([1, ...imageShape]);
  let sum = 0;
  for (const [path, shape] of params) {
    const layer = path.replace(/\/[^/]*$/, "");
    const output = layers.get(layer);
    if (shape.length < 2 || output === undefined) continue;
    const positions = output.slice(1, -1).reduce((product, size) => product * size, 1);
    sum += positions * shape.reduce((product, size) => product * size, 1);
  }
  return sum;
}

/** Hours of a run with SAM, of two passes forwards and backwards, by the measured step of WRN-16-4. */
export async function hoursOf(config: TrainConfig): Promise<number> {
  const rate = await measuredRate();
  const { model, inputShape } = networkOf(config);
  const images = DATA[config.dataset]!.examples * config.epochs;
  return images * multiplyAdds(model, inputShape.slice(1)) / rate / 3600;
}

/** Of a pass in a step of SAM: multiplications and additions a second, forwards alone counted. */
async function measuredRate(): Promise<number> {
  const path = new URL("../../bench/records/2026-11-22.json", import.meta.url);
  const records = JSON.parse(await Deno.readTextFile(path)) as { name: string; value: number }[];
  const { value } = records.find(({ name }) =>
    name === "SAM step of WRN-16-4 on 64×32×32×3: ours, compiled"
  )!;
  const model = buildModel("wide_resnet_16_4", { classes: 10 });
  return 64 * multiplyAdds(model, [32, 32, 3]) / (value / 1000);
}
