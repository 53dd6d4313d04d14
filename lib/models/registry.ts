/** The networks by name. @module */
import type { Model } from "../nn/mod.ts";
import { requireFreeName, requireFunction } from "../system/mod.ts";
import { cifarResNet } from "./cifar_resnet.ts";
import { efficientNet, efficientNetSize, efficientNetSizes } from "./efficientnet.ts";
import { pyramidNet } from "./pyramid_net.ts";
import { resNet } from "./resnet.ts";
import { shakeShake } from "./shake_shake.ts";
import { wideResNet } from "./wide_resnet.ts";

/** Options of networks by name. */
export interface ModelOptions {
  readonly classes: number;
  /** Whether batch statistics stay as they are, as in finetuning; EfficientNets only. Default false. */
  readonly frozenBatchNorm?: boolean;
  /** Whether the groups add their inputs too; wide ResNets only. Default false. */
  readonly additionalSkipConnections?: boolean;
  /**
   * Height and width of the images, where they are not the network's own; an EfficientNet then
   * accepts only such images. Networks without a size of their own ignore it.
   */
  readonly imageSize?: number;
}

/** Options that only some networks have: how messages call the option, and those networks. */
const SPECIAL = {
  frozenBatchNorm: ["batch statistics that stay as they are", "EfficientNets"],
  additionalSkipConnections: ["additional skip connections", "wide ResNets"],
} as const;

/** A family of networks: the form of its names, and the builder of those that match. */
interface Family {
  /** For messages, with the sizes in angle brackets. */
  readonly form: string;
  readonly name: RegExp;
  readonly has: readonly (keyof typeof SPECIAL)[];
  /** @param sizes what the name's groups matched */
  build(sizes: readonly string[], options: ModelOptions): Model;
  /** Height and width of the images that the network was made for. */
  imageSize?(sizes: readonly string[]): number | undefined;
}

/** A family whose name holds numbers only. */
function family(
  form: string,
  build: (sizes: readonly number[], options: ModelOptions) => Model,
  has: Family["has"] = [],
): Family {
  const pattern = form.replaceAll(/<\w+>/g, "(\\d+)");
  return {
    form,
    name: new RegExp(`^${pattern}$`),
    has,
    build: (sizes, options) => build(sizes.map(Number), options),
  };
}

/** A family of EfficientNets, whose name holds one of their sizes. */
function efficientFamily(form: string, name: RegExp): Family {
  return {
    form,
    name,
    has: ["frozenBatchNorm"],
    build: ([size], { classes, frozenBatchNorm, imageSize }) => {
      const { resolution, ...scales } = efficientNetSize(size!);
      return efficientNet({
        ...scales,
        resolution: imageSize ?? resolution,
        classes,
        ...frozenBatchNorm !== undefined && { frozenBatchNorm },
      });
    },
    imageSize: ([size]) =>
      efficientNetSizes.includes(size!) ? efficientNetSize(size!).resolution : undefined,
  };
}

const wide = (
  [depth, width]: readonly number[],
  { classes, additionalSkipConnections = false }: ModelOptions,
) => wideResNet({ depth: depth!, width: width!, classes, additionalSkipConnections });

/** Adding a family is a few lines here; the numbers in a name are the sizes that it builds with. */
const families: readonly Family[] = [
  family("wide_resnet_<depth>_<width>", wide, ["additionalSkipConnections"]),
  family(
    "shake_shake_<depth>_2x<channels>d",
    ([depth, channels], { classes }) => shakeShake({ depth: depth!, channels: channels!, classes }),
  ),
  family(
    "pyramid_net_<depth>_<alpha>",
    ([depth, alpha], { classes }) =>
      pyramidNet({ depth: depth!, alpha: alpha!, classes, shakeDrop: false }),
  ),
  family(
    "pyramid_net_<depth>_<alpha>_shake_drop",
    ([depth, alpha], { classes }) => pyramidNet({ depth: depth!, alpha: alpha!, classes }),
  ),
  family(
    "cifar_resnet_<depth>",
    ([depth], { classes }) => cifarResNet({ depth: depth!, classes }),
  ),
  family(
    "cifar_resnet_<depth>_plain",
    ([depth], { classes }) => cifarResNet({ depth: depth!, classes, skipConnections: false }),
  ),
  family("resnet_<depth>", ([depth], { classes }) => resNet({ depth: depth!, classes })),
  efficientFamily("efficientnet_<size>", /^efficientnet_(b\d|l2|l2-475)$/),
  // The reference's spellings.
  family("WideResnet<depth>x<width>", wide, ["additionalSkipConnections"]),
  family(
    "WideResnet_mini",
    (_, options) => wide([16, 1], options),
    ["additionalSkipConnections"],
  ),
  family(
    "WideResnet<depth>x<width>_ShakeShake",
    ([depth, width], { classes }) =>
      shakeShake({ depth: depth! - 2, channels: 16 * width!, classes }),
  ),
  family(
    "WideResnet_ShakeShake_mini",
    (_, { classes }) => shakeShake({ depth: 14, channels: 16, classes }),
  ),
  family(
    "Pyramid_ShakeDrop",
    (_, { classes }) => pyramidNet({ depth: 272, alpha: 200, classes }),
  ),
  family(
    "Pyramid_ShakeDrop_mini",
    (_, { classes }) => pyramidNet({ depth: 11, alpha: 200, classes }),
  ),
  family("Resnet<depth>", ([depth], { classes }) => resNet({ depth: depth!, classes })),
  efficientFamily("efficientnet-<size>", /^efficientnet-(b\d|l2|l2-475)$/),
];

const names: string[] = families.map(({ form }) => form);

/** The names that {@linkcode buildModel} knows, registered ones too, with sizes in angle brackets. */
export const modelNames: readonly string[] = names;

const registered: Family[] = [];

/**
 * Adds a network by a name, which then serves wherever one is named: `buildModel`, the configuration of a
 * run, a sweep.
 *
 * The name is all that tells a run's results from those of another network: take another one, such as
 * `mlp_2`, when the network changes.
 *
 * @example
 * ```ts
 * import { buildModel, registerModel } from "./mod.ts";
 * import { dense, model } from "../nn/mod.ts";
 *
 * registerModel("two_layers_1", ({ classes }) =>
 *   model((scope, images) => {
 *     const pixels = images.reshape([images.shape[0]!, -1]);
 *     const hidden = dense(scope.child("hidden"), pixels, 32).relu();
 *     return dense(scope.child("logits"), hidden, classes);
 *   }));
 * const { output } = buildModel("two_layers_1", { classes: 10 }).shapes([8, 28, 28, 1]);
 * console.assert(output.join() === "8,10");
 * ```
 *
 * @throws RangeError for a name that is taken, or that no folder could have
 * @throws TypeError for a builder that is no function, or (when it builds) gives no model
 */
export function registerModel(name: string, build: (options: ModelOptions) => Model): void {
  requireFreeName("model", name, find(name) !== undefined);
  requireFunction("model", name, build);
  registered.push({
    form: name,
    name: new RegExp(`^${RegExp.escape(name)}$`),
    has: [],
    build: (_, options) => builtBy(name, build(options)),
  });
  names.push(name);
}

/** @throws TypeError unless what a builder gave is a model */
function builtBy(name: string, model: Model): Model {
  if (typeof model?.init === "function" && typeof model.apply === "function") return model;
  throw new TypeError(
    `Cannot build model "${name}": its builder gives ${model}, and must give what nn.model makes`,
  );
}

/**
 * Height and width of the images that the network of a name was made for; undefined if it takes any, or
 * there is none of that name.
 *
 * Source: `name_to_image_size` in `efficientnet/efficientnet.py` of the reference, which has 224 for
 * all others.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "sam";
 *
 * assertEquals(models.modelImageSize("efficientnet_b1"), 240);
 * assertEquals(models.modelImageSize("wide_resnet_16_4"), undefined);
 * ```
 */
export function modelImageSize(name: string): number | undefined {
  const [family, sizes] = find(name) ?? [];
  return sizes && family!.imageSize?.(sizes);
}

/**
 * Whether a network that begins from a checkpoint keeps its batch statistics: EfficientNets do.
 *
 * Source: `conv2d` in `efficientnet/efficientnet.py` of the reference, flag
 * `from_pretrained_checkpoint`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "sam";
 *
 * assertEquals(models.freezesBatchNorm("efficientnet_b0"), true);
 * assertEquals(models.freezesBatchNorm("resnet_50"), false);
 * ```
 */
export function freezesBatchNorm(name: string): boolean {
  return find(name)?.[0].has.includes("frozenBatchNorm") ?? false;
}

/**
 * Builds a network by its name, such as `wide_resnet_16_4`: the one of depth 16 and width 4.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models } from "sam";
 *
 * const model = models.buildModel("wide_resnet_16_4", { classes: 100 });
 * assertEquals(model.shapes([8, 32, 32, 3]).output, [8, 100]);
 * ```
 *
 * @throws {RangeError} on an unknown name (the message lists the known ones), sizes that the network
 *   cannot have, or options that it does not have
 */
export function buildModel(name: string, options: ModelOptions): Model {
  const [family, sizes] = find(name) ?? [];
  if (sizes === undefined) {
    throw new RangeError(
      `Cannot build model "${name}": the known names are ${modelNames.join(", ")}`,
    );
  }
  for (const option of Object.keys(SPECIAL) as (keyof typeof SPECIAL)[]) {
    if (!options[option] || family!.has.includes(option)) continue;
    const [what, whose] = SPECIAL[option];
    throw new RangeError(`Cannot build model "${name}" with ${what}: only ${whose} have that`);
  }
  return family!.build(sizes, options);
}

/** The family that a name belongs to, and what the groups of its name matched. */
function find(name: string): [family: Family, sizes: readonly string[]] | undefined {
  for (const family of [...families, ...registered]) {
    const sizes = family.name.exec(name)?.slice(1);
    if (sizes !== undefined) return [family, sizes];
  }
}
