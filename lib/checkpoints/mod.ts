/**
 * Checkpoints of other programs: FLAX's (the reference's own), TensorFlow's, safetensors.
 *
 * ```ts ignore
 * import { checkpoints, models } from "sam";
 *
 * const model = models.buildModel("efficientnet_b0", { classes: 37 });
 * const initial = model.init(0, [1, 224, 224, 3]);
 * using file = checkpoints.openCheckpoint("efficientnet-b0/checkpoint_0");
 * const { variables, replaced } = checkpoints.restoreVariables(file, initial);
 * ```
 *
 * @module
 */
export { encodeFlax, openFlax } from "./flax.ts";
export { openCheckpoint } from "./open.ts";
export { type Restored, type RestoreOptions, restoreVariables } from "./restore.ts";
export {
  decodeSafetensors,
  encodeSafetensors,
  type NamedArrays,
  type NumericArray,
  type Safetensors,
} from "./safetensors.ts";
export { openTensorFlowCheckpoint } from "./tensorflow.ts";
export { type ArrayEntry, CheckpointError, type CheckpointFile } from "./types.ts";
