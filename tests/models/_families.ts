import { buildModel, efficientNet } from "../../lib/models/mod.ts";
import type { Model } from "../../lib/nn/mod.ts";
import { tinyEfficientNet } from "./_tiny_efficientnet.ts";

/** A small network of every family, and the size of images for it. */
export const FAMILIES: [name: string, model: Model, size: number][] = [
  ...[
    "wide_resnet_10_1",
    "shake_shake_8_2x16d",
    "pyramid_net_11_24",
    "pyramid_net_11_24_shake_drop",
    "cifar_resnet_20",
    "cifar_resnet_20_plain",
  ].map((name): [string, Model, number] => [name, buildModel(name, { classes: 10 }), 32]),
  ["resnet_50", buildModel("resnet_50", { classes: 10 }), 32],
  ["efficientnet", efficientNet(tinyEfficientNet), 32],
];
