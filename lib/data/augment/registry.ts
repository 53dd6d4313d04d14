/** Augmentations of images by name. @module */
import { requireFreeName, requireFunction } from "../../system/mod.ts";
import { random } from "../../tensorflow/mod.ts";
import type { ImageClassification, Labelled } from "../types.ts";
import { unknownName } from "./_unknown_name.ts";
import { autoAugment } from "./auto_augment.ts";
import { basic } from "./basic.ts";
import { RAND_AUGMENT_REACH, type Reach, scaledReach } from "./operation.ts";
import { cifarPolicy, imagenetPolicy, svhnPolicy } from "./policies.ts";
import { randAugment } from "./rand_augment.ts";
import type { Augmentation } from "./types.ts";

/** What an augmentation may depend on. */
type DataSet = Pick<ImageClassification, "name"> & {
  readonly train: Pick<Labelled, "shape"> & {
    /** Of images in files. */
    readonly paths?: readonly string[];
  };
};

/** A form of names, and what they build. */
interface Family {
  readonly form: string;
  readonly name: RegExp;
  build(data: DataSet, numbers: readonly number[]): Augmentation | undefined;
}

/** What `autoaugment` is for images in files: the reference's `randaug_num_layers` and `_magnitude`. */
const IMAGENET_RAND_AUGMENT = [2, 9];

/** The name of an augmentation that leaves files their crop in the middle. */
const CENTER_CROP = "center_crop";

const families: readonly Family[] = [
  { form: "none", name: /^none$/, build: () => undefined },
  { form: "basic", name: /^basic$/, build: basicOf },
  {
    form: "autoaugment",
    name: /^autoaugment$/,
    build: (data) =>
      isInFiles(data)
        ? randAugmentOf(IMAGENET_RAND_AUGMENT)
        : inTurn(autoAugment(policyOf(data)), basic),
  },
  {
    form: "autoaugment_only",
    name: /^(?:autoaugment_only|aa-only)$/,
    build: (data) => autoAugment(policyOf(data)),
  },
  {
    form: "autoaugment_rescaled",
    name: /^autoaugment_rescaled$/,
    build: (data) =>
      isInFiles(data)
        ? randAugmentOf(IMAGENET_RAND_AUGMENT, scaledReach(sizeOf(data), RAND_AUGMENT_REACH))
        : inTurn(
          autoAugment(policyOf(data), scaledReach(sizeOf(data))),
          basic,
        ),
  },
  {
    form: "randaugment_<layers>_<magnitude>",
    name: /^randaugment_(\d+)_(\d+)$/,
    build: (data, numbers) => withBasic(data, randAugmentOf(numbers)),
  },
  {
    form: "randaugment_rescaled_<layers>_<magnitude>",
    name: /^randaugment_rescaled_(\d+)_(\d+)$/,
    build: (data, numbers) =>
      withBasic(data, randAugmentOf(numbers, scaledReach(sizeOf(data), RAND_AUGMENT_REACH))),
  },
  { form: CENTER_CROP, name: /^center_crop$/, build: requireFiles },
];

const names: string[] = families.map(({ form }) => form);

/** The forms of the names that {@linkcode augmentationOf} knows, registered ones too. */
export const augmentationNames: readonly string[] = names;

const registered = new Map<string, Augmentation>();

/**
 * Adds an augmentation of images by a name, which then serves wherever one is named. Images in memory are
 * changed by it alone; those in files are cropped at random before it and flipped after it, as with any
 * other name.
 *
 * The name is all that tells a run's results from those with another augmentation: take another one when
 * the function changes.
 *
 * @example
 * ```ts
 * import { augmentationOf, loadDataset, registerAugmentation } from "../mod.ts";
 * import { tf } from "../../tensorflow/mod.ts";
 *
 * registerAugmentation("upside_down_1", (images) => tf.reverse(images, 1));
 * const source = await loadDataset("fashion_mnist_small");
 * console.assert(source.training({ batchSize: 100, augmentation: "upside_down_1" }).size === 20);
 * console.assert(augmentationOf("upside_down_1")(source) !== undefined);
 * ```
 *
 * @throws RangeError for a name that is taken, or that no folder could have
 */
export function registerAugmentation(name: string, augmentation: Augmentation): void {
  requireFreeName("augmentation", name, find(name) !== undefined);
  requireFunction("augmentation", name, augmentation);
  registered.set(name, augmentation);
  names.push(name);
}

/**
 * An augmentation by its name, in one of the forms of {@linkcode augmentationNames}.
 *
 * @example
 * ```ts
 * import { augmentationOf, loadDataset } from "../mod.ts";
 *
 * const source = await loadDataset("fashion_mnist_small");
 * console.assert(augmentationOf("randaugment_2_5")(source) !== undefined);
 * console.assert(augmentationOf("none")(source) === undefined);
 * ```
 *
 * Images in memory: AutoAugment has policies for CIFAR (which other sets get too) and SVHN. Its
 * translations and cutouts were made for images of 331 pixels; `autoaugment` keeps them as the
 * reference does, `autoaugment_rescaled` has them in proportion; so has `randaugment_rescaled_…`, where
 * those of RandAugment were made for images of 224.
 *
 * Images in files are cropped at random and flipped whatever the name, `none` and `basic` included, as
 * the reference does it with ImageNet; but for `center_crop`. `autoaugment` is RandAugment there, two
 * layers of magnitude 9; `autoaugment_only` is AutoAugment's policy for ImageNet, which the reference
 * has and never uses.
 *
 * Source: `_apply_image_augmentations` in `sam_jax/datasets/dataset_source.py`, `preprocess_for_train`
 * in `sam_jax/datasets/dataset_source_imagenet.py` of the reference.
 *
 * @returns what builds it for a data set; it throws a RangeError for `center_crop` of images in memory
 * @throws RangeError for an unknown name; the message lists the known ones
 */
export function augmentationOf(name: string): (data: DataSet) => Augmentation | undefined {
  const found = find(name);
  if (found === undefined) throw unknownName(name, names);
  return found;
}

function find(name: string): ReturnType<typeof augmentationOf> | undefined {
  const own = registered.get(name);
  if (own !== undefined) return () => own;
  for (const family of families) {
    const numbers = family.name.exec(name)?.slice(1).map(Number);
    if (numbers !== undefined) return (data) => family.build(data, numbers);
  }
}

/**
 * Whether images in files are cropped at random and flipped, under an augmentation of this name.
 *
 * @example
 * ```ts
 * import { hasRandomCrops } from "../mod.ts";
 *
 * console.assert(hasRandomCrops("none") && !hasRandomCrops("center_crop"));
 * ```
 */
export function hasRandomCrops(name: string): boolean {
  return name !== CENTER_CROP;
}

function policyOf(data: DataSet) {
  if (data.name.startsWith("svhn")) return svhnPolicy;
  return isInFiles(data) ? imagenetPolicy : cifarPolicy;
}

function randAugmentOf(
  [layers, magnitude]: readonly number[],
  reach: Reach = RAND_AUGMENT_REACH,
): Augmentation {
  return randAugment({ layers: layers!, magnitude: magnitude!, reach });
}

function sizeOf({ train: { shape: [height, width] } }: DataSet): number {
  return Math.max(height, width);
}

function isInFiles({ train }: DataSet): boolean {
  return train.paths !== undefined;
}

/** Images in files are cropped as they are decoded, and flipped after their augmentation. */
function basicOf(data: DataSet): Augmentation | undefined {
  return isInFiles(data) ? undefined : basic;
}

function withBasic(data: DataSet, first: Augmentation): Augmentation {
  const second = basicOf(data);
  return second === undefined ? first : inTurn(first, second);
}

/** One after the other, each by a seed of its own. */
function inTurn(first: Augmentation, second: Augmentation): Augmentation {
  return function augmented(images, seed) {
    const [one, two] = random.split(seed).unstack() as [random.Seed, random.Seed];
    return second(first(images, one), two);
  };
}

function requireFiles(data: DataSet): undefined {
  if (isInFiles(data)) return;
  throw new RangeError(
    `Cannot augment ${data.name} by "${CENTER_CROP}": its images are in memory and of one size; ` +
      '"none" leaves them as they are',
  );
}
