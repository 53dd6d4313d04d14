import { modelImageSize } from "../models/mod.ts";
import type { TrainConfig } from "./train_config.ts";

/**
 * A configuration with the size that images are brought to: the one that is asked for, else the
 * network's own, if it has one; and a warning where the two differ.
 *
 * Source: `name_to_image_size` in `efficientnet/efficientnet.py` of the reference, whose networks
 * refuse any other size.
 */
export function withImageSize(
  config: TrainConfig,
): { readonly sized: TrainConfig; readonly warnings: readonly string[] } {
  const { model, imageSize: asked } = config;
  const own = modelImageSize(model);
  if (own === undefined || asked === own) return { sized: config, warnings: [] };
  if (asked === undefined) return { sized: { ...config, imageSize: own }, warnings: [] };
  return {
    sized: config,
    warnings: [
      `Images are ${asked} × ${asked}, as asked for; ${model} was made for ${own} × ${own}`,
    ],
  };
}
