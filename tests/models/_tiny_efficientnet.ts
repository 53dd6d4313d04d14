import type { EfficientNetOptions } from "../../lib/models/mod.ts";

/** The network of the fixtures effnet_tiny_*. */
export const tinyEfficientNet: EfficientNetOptions = {
  classes: 10,
  width: 1,
  depth: 1,
  resolution: 32,
  dropoutRate: 0.2,
  stemChannels: 8,
  headChannels: 64,
  rows: [
    { inputs: 8, outputs: 8, kernelSize: 3, repeats: 1, expansion: 1, strides: 1 },
    { inputs: 8, outputs: 16, kernelSize: 5, repeats: 2, expansion: 6, strides: 2 },
    { inputs: 16, outputs: 16, kernelSize: 3, repeats: 2, expansion: 6, strides: 1 },
  ],
};
