/** Augmentations by name. @module */
import { random } from "../../tensorflow/mod.ts";
import type { ImageClassification, Labelled } from "../types.ts";
import { autoAugment } from "./auto_augment.ts";
import { basic } from "./basic.ts";
import { cutmix } from "./cutmix.ts";
import { cutout } from "./cutout.ts";
import { mixcut } from "./mixcut.ts";
import { mixup } from "./mixup.ts";
import { AUTO_AUGMENT_REACH, RAND_AUGMENT_REACH, scaledReach } from "./operation.ts";
import { cifarPolicy, imagenetPolicy, svhnPolicy } from "./policies.ts";
import { randAugment } from "./rand_augment.ts";
import type { Augmentation, BatchAugmentation } from "./types.ts";

/** What an augmentation may depend on. */
type DataSet = Pick<ImageClassification, "name"> & {
  readonly train: Pick<Labelled, "shape"> & {
    /** Of images that are decoded, and cropped then, when they are used. */
    readonly paths?: readonly string[];
  };
};

/** A form of names, and what they build. */
interface Family {
  readonly form: string;
  readonly name: RegExp;
  build(data: DataSet, numbers: readonly number[]): Augmentation | undefined;
}

const families: readonly Family[] = [
  { form: "none", name: /^none$/, build: () => undefined },
  { form: "basic", name: /^basic$/, build: basicOf },
  {
    form: "autoaugment",
    name: /^autoaugment$/,
    build: (data) => inTurn(autoAugment(policyOf(data), AUTO_AUGMENT_REACH), basicOf(data)),
  },
  {
    form: "autoaugment_only",
    name: /^(?:autoaugment_only|aa-only)$/,
    build: (data) => autoAugment(policyOf(data), AUTO_AUGMENT_REACH),
  },
  {
    form: "autoaugment_rescaled",
    name: /^autoaugment_rescaled$/,
    build: (data) =>
      inTurn(
        autoAugment(policyOf(data), scaledReach(AUTO_AUGMENT_REACH, sizeOf(data))),
        basicOf(data),
      ),
  },
  {
    form: "randaugment_<layers>_<magnitude>",
    name: /^randaugment_(\d+)_(\d+)$/,
    build: (data, [layers, magnitude]) =>
      inTurn(
        randAugment({ layers: layers!, magnitude: magnitude!, reach: RAND_AUGMENT_REACH }),
        basicOf(data),
      ),
  },
  {
    form: "randaugment_rescaled_<layers>_<magnitude>",
    name: /^randaugment_rescaled_(\d+)_(\d+)$/,
    build: (data, [layers, magnitude]) =>
      inTurn(
        randAugment({
          layers: layers!,
          magnitude: magnitude!,
          reach: scaledReach(RAND_AUGMENT_REACH, sizeOf(data)),
        }),
        basicOf(data),
      ),
  },
];

/** The forms of the names that {@linkcode augmentationOf} knows. */
export const augmentationNames: readonly string[] = families.map(({ form }) => form);

/**
 * An augmentation by its name. AutoAugment has policies for CIFAR (which other sets get too), SVHN and
 * ImageNet. Its translations and cutouts were made for images of 331 pixels; `autoaugment` keeps them
 * as the reference does, `autoaugment_rescaled` has them in proportion; so has
 * `randaugment_rescaled_…`, where those of RandAugment were made for images of 224.
 *
 * @returns what builds it for a data set
 * @throws RangeError for an unknown name; the message lists the known ones
 */
export function augmentationOf(name: string): (data: DataSet) => Augmentation | undefined {
  for (const family of families) {
    const numbers = family.name.exec(name)?.slice(1).map(Number);
    if (numbers !== undefined) return (data) => family.build(data, numbers);
  }
  throw unknown(name, augmentationNames);
}

const batchFamilies = {
  cutout,
  mixup,
  mixcut,
  cutmix,
} as const;

/** The names that {@linkcode batchAugmentationOf} knows. */
export const batchAugmentationNames: readonly string[] = [
  "none",
  ...Object.keys(batchFamilies).flatMap((name) => [name, `${name}_per_example`]),
];

/**
 * An augmentation of batches by its name.
 *
 * @throws RangeError for an unknown name; the message lists the known ones
 */
export function batchAugmentationOf(name: string): BatchAugmentation | undefined {
  if (name === "none") return undefined;
  const kind = name.replace(/_per_example$/, "");
  if (!Object.hasOwn(batchFamilies, kind)) throw unknown(name, batchAugmentationNames);
  const draws = kind === name ? "per batch" : "per example";
  return batchFamilies[kind as keyof typeof batchFamilies](draws);
}

function unknown(name: string, known: readonly string[]): RangeError {
  return new RangeError(
    `Cannot augment by "${name}": the known names are ${known.join(", ")}`,
  );
}

function policyOf({ name }: DataSet) {
  if (name.startsWith("svhn")) return svhnPolicy;
  return name === "imagenet" ? imagenetPolicy : cifarPolicy;
}

function sizeOf({ train: { shape: [height, width] } }: DataSet): number {
  return Math.max(height, width);
}

/** Images in files are cropped and flipped as they are decoded. */
function basicOf({ train }: DataSet): Augmentation | undefined {
  return train.paths === undefined ? basic : undefined;
}

/** One after the other, each by a seed of its own. */
function inTurn(first: Augmentation, second: Augmentation | undefined): Augmentation {
  if (second === undefined) return first;
  return function augmented(images, seed) {
    const [one, two] = random.split(seed).unstack() as [random.Seed, random.Seed];
    return second(first(images, one), two);
  };
}
