/** The networks by name. @module */
import type { Model } from "../nn/mod.ts";
import { cifarResNet } from "./cifar_resnet.ts";
import { efficientNet, efficientNetSize } from "./efficientnet.ts";
import { pyramidNet } from "./pyramid_net.ts";
import { resNet } from "./resnet.ts";
import { shakeShake } from "./shake_shake.ts";
import { wideResNet } from "./wide_resnet.ts";

/** What can be asked of any network. */
export interface ModelOptions {
  readonly classes: number;
  /** Whether batch statistics stay as they are, as to finetune; EfficientNets only. Default false. */
  readonly frozenBatchNorm?: boolean;
}

/** A family of networks: the form of its names, and the builder of those that match. */
interface Family {
  /** For messages, with the sizes in angle brackets. */
  readonly form: string;
  readonly name: RegExp;
  /** @param sizes what the name's groups matched */
  build(sizes: readonly string[], options: ModelOptions): Model;
}

/** A family whose name holds numbers only. */
function family(
  form: string,
  build: (sizes: readonly number[], options: ModelOptions) => Model,
): Family {
  const pattern = form.replaceAll(/<\w+>/g, "(\\d+)");
  return {
    form,
    name: new RegExp(`^${pattern}$`),
    build: (sizes, options) => build(sizes.map(Number), options),
  };
}

const wide = ([depth, width]: readonly number[], { classes }: ModelOptions) =>
  wideResNet({ depth: depth!, width: width!, classes });
const efficient: Family["build"] = ([size], options) => {
  const { resolution: _, ...scales } = efficientNetSize(size!);
  return efficientNet({ ...scales, ...options });
};

/** Adding a family is a few lines here; the numbers in a name are the sizes that it builds with. */
const families: readonly Family[] = [
  family("wide_resnet_<depth>_<width>", wide),
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
  { form: "efficientnet_<size>", name: /^efficientnet_(b\d|l2|l2-475)$/, build: efficient },
  // The reference's spellings.
  family("WideResnet<depth>x<width>", wide),
  family("WideResnet_mini", (_, options) => wide([16, 1], options)),
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
  { form: "efficientnet-<size>", name: /^efficientnet-(b\d|l2|l2-475)$/, build: efficient },
];

/** The names that {@linkcode buildModel} knows, with sizes in angle brackets. */
export const modelNames: readonly string[] = families.map(({ form }) => form);

/**
 * Builds a network by its name, such as `wide_resnet_16_4`: the one of depth 16 and width 4.
 *
 * @throws {RangeError} on an unknown name (the message lists the known ones), or sizes that the
 *   network cannot have
 */
export function buildModel(name: string, options: ModelOptions): Model {
  for (const family of families) {
    const sizes = family.name.exec(name)?.slice(1);
    if (sizes === undefined) continue;
    if (options.frozenBatchNorm && family.build !== efficient) {
      throw new RangeError(
        `Cannot build model "${name}" with batch statistics that stay as they are: only ` +
          "EfficientNets have that",
      );
    }
    return family.build(sizes, options);
  }
  throw new RangeError(
    `Cannot build model "${name}": the known names are ${modelNames.join(", ")}`,
  );
}
