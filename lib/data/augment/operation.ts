/** What AutoAugment and RandAugment do to images; "None" leaves them as they are. */
export const OPERATIONS = [
  "None",
  "AutoContrast",
  "Equalize",
  "Invert",
  "Rotate",
  "Posterize",
  "Solarize",
  "SolarizeAdd",
  "Color",
  "Contrast",
  "Brightness",
  "Sharpness",
  "ShearX",
  "ShearY",
  "TranslateX",
  "TranslateY",
  "Cutout",
] as const;

export type Operation = typeof OPERATIONS[number];

/** An operation with its setting, sign included. */
export interface Action {
  readonly operation: Operation;
  /**
   * Degrees of a rotation, pixels of a translation, the share of a shear, half the size of a cutout,
   * the factor of a blend, bits, a threshold, an addition.
   */
  readonly setting: number;
}

/** Pixels at the highest level: they depend on the size of the images. */
export interface Reach {
  /** Half the size of a cutout. */
  readonly cutout: number;
  /** Of a translation. */
  readonly translate: number;
  /** Of the images that they are made for. */
  readonly size: number;
}

/** The reference's, made for images of ImageNet. */
export const AUTO_AUGMENT_REACH: Reach = { cutout: 100, translate: 250, size: 331 };
export const RAND_AUGMENT_REACH: Reach = { cutout: 40, translate: 100, size: 224 };

/**
 * A reach in proportion to images of a size.
 *
 * @example
 * ```ts
 * import { scaledReach } from "../mod.ts";
 *
 * console.assert(scaledReach(331 / 5).translate === 50);
 * ```
 *
 * @param of what it is in proportion to; default AutoAugment's
 */
export function scaledReach(
  size: number,
  { cutout, translate, size: madeFor }: Reach = AUTO_AUGMENT_REACH,
): Reach {
  return { cutout: cutout * size / madeFor, translate: translate * size / madeFor, size };
}

/** Levels go from 0 to this. */
const MAX_LEVEL = 10;

/**
 * An operation's setting at a level, without its sign.
 *
 * Source: `level_to_arg` in `autoaugment/autoaugment.py` of the reference.
 */
export function settingOf(operation: Operation, level: number, reach: Reach): number {
  const share = level / MAX_LEVEL;
  switch (operation) {
    case "Rotate":
      return share * 30;
    case "Posterize":
      return Math.trunc(share * 4);
    case "Solarize":
      return Math.trunc(share * 256);
    case "SolarizeAdd":
      return Math.trunc(share * 110);
    case "Color":
    case "Contrast":
    case "Brightness":
    case "Sharpness":
      return share * 1.8 + 0.1;
    case "ShearX":
    case "ShearY":
      return share * 0.3;
    case "TranslateX":
    case "TranslateY":
      return share * reach.translate;
    case "Cutout":
      return Math.trunc(share * reach.cutout);
    default:
      return 0;
  }
}

/** Whether the setting is negated for half of the images. */
export function hasSign(operation: Operation): boolean {
  return operation === "Rotate" || /^(Shear|Translate)/.test(operation);
}
