/** Augmentations of batches by name. @module */
import { requireFreeName, requireFunction } from "../../system/mod.ts";
import type { Draws } from "./_draws.ts";
import { unknownName } from "./_unknown_name.ts";
import { cutmix } from "./cutmix.ts";
import { cutout } from "./cutout.ts";
import { mixcut } from "./mixcut.ts";
import { mixup } from "./mixup.ts";
import type { BatchAugmentation } from "./types.ts";

/** Settings of augmentations of batches; each one refuses those that are not its own. */
export interface BatchAugmentationOptions {
  /** Height and width of the patch of cutout and mixcut in pixels; default 16. */
  readonly cutoutLength?: number;
  /** α of the Beta distribution of mixup's and mixcut's weights; default 1. */
  readonly mixupAlpha?: number;
}

interface BatchFamily {
  readonly settings: readonly (keyof BatchAugmentationOptions)[];
  build(draws: Draws, options: BatchAugmentationOptions): BatchAugmentation;
}

const batchFamilies: Readonly<Record<string, BatchFamily>> = {
  cutout: {
    settings: ["cutoutLength"],
    build: (draws, { cutoutLength }) => cutout(draws, cutoutLength),
  },
  mixup: {
    settings: ["mixupAlpha"],
    build: (draws, { mixupAlpha }) => mixup(draws, mixupAlpha),
  },
  mixcut: {
    settings: ["mixupAlpha", "cutoutLength"],
    build: (draws, { mixupAlpha, cutoutLength }) => mixcut(draws, mixupAlpha, cutoutLength),
  },
  cutmix: { settings: [], build: cutmix },
};

const names: string[] = [
  "none",
  ...Object.keys(batchFamilies).flatMap((name) => [name, `${name}_per_example`]),
];

/** The names that {@linkcode batchAugmentationOf} knows, registered ones too. */
export const batchAugmentationNames: readonly string[] = names;

const registered = new Map<string, BatchAugmentation>();

/**
 * Adds an augmentation of batches by a name, which then serves wherever one is named.
 *
 * The name is all that tells a run's results from those with another augmentation: take another one when
 * the function changes.
 *
 * @example
 * ```ts
 * import { batchAugmentationOf, registerBatchAugmentation } from "../mod.ts";
 *
 * registerBatchAugmentation("halved_1", ({ images, labels }) => ({ images: images.mul(0.5), labels }));
 * console.assert(batchAugmentationOf("halved_1") !== undefined);
 * ```
 *
 * @throws RangeError for a name that is taken, or that no folder could have
 */
export function registerBatchAugmentation(name: string, augmentation: BatchAugmentation): void {
  requireFreeName("augmentation of batches", name, names.includes(name));
  requireFunction("augmentation of batches", name, augmentation);
  registered.set(name, augmentation);
  names.push(name);
}

/**
 * An augmentation of batches by its name, one of {@linkcode batchAugmentationNames}.
 *
 * @example
 * ```ts
 * import { batchAugmentationOf } from "../mod.ts";
 *
 * const mixup = batchAugmentationOf("mixup_per_example", { mixupAlpha: 0.2 });
 * console.assert(mixup !== undefined && batchAugmentationOf("none") === undefined);
 * ```
 *
 * @throws RangeError for an unknown name, whose message lists the known ones, and for a setting that is
 *   out of its range or that this augmentation does not have
 */
export function batchAugmentationOf(
  name: string,
  options: BatchAugmentationOptions = {},
): BatchAugmentation | undefined {
  if (!names.includes(name)) throw unknownName(name, names);
  const kind = name.replace(/_per_example$/, "");
  const own = registered.get(name);
  const family = own === undefined && name !== "none" ? batchFamilies[kind] : undefined;
  requireSettings(name, options, family?.settings ?? []);
  return own ?? family?.build(kind === name ? "per batch" : "per example", options);
}

function requireSettings(
  name: string,
  { cutoutLength, mixupAlpha }: BatchAugmentationOptions,
  known: BatchFamily["settings"],
): void {
  const refused = (what: string, reason: string) =>
    new RangeError(`Cannot augment batches by "${name}" with ${what}: ${reason}`);
  if (cutoutLength !== undefined) {
    const what = `cutout length ${cutoutLength}`;
    if (!known.includes("cutoutLength")) throw refused(what, "only cutout and mixcut have one");
    if (!(Number.isInteger(cutoutLength) && cutoutLength >= 2)) {
      throw refused(what, "it must be an integer from 2");
    }
  }
  if (mixupAlpha !== undefined) {
    const what = `mixup alpha ${mixupAlpha}`;
    if (!known.includes("mixupAlpha")) throw refused(what, "only mixup and mixcut have one");
    if (!(mixupAlpha > 0 && mixupAlpha < Infinity)) {
      throw refused(what, "it must be above 0 and finite");
    }
  }
}
