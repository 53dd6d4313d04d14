/**
 * Checkpoints of other programs: FLAX's (the reference's own), TensorFlow's, safetensors.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkpoints, models } from "sam";
 *
 * // A checkpoint of FLAX, as the reference publishes them, of a network for ten classes.
 * const path = await Deno.makeTempFile();
 * const trained = models.buildModel("wide_resnet_10_1", { classes: 10 }).init(1, [1, 32, 32, 3]);
 * await Deno.writeFile(path, ReadableStream.from(checkpoints.encodeFlax({ ...trained })));
 *
 * // A network for 37 classes begins with it; its last layer keeps the values that were drawn.
 * const initial = models.buildModel("wide_resnet_10_1", { classes: 37 }).init(0, [1, 32, 32, 3]);
 * using file = checkpoints.openCheckpoint(path);
 * const { replaced } = checkpoints.restoreVariables(file, initial);
 * assertEquals(replaced, ["Dense_3/bias", "Dense_3/kernel"]);
 * await Deno.remove(path);
 * ```
 *
 * @module
 */
export { encodeFlax, openFlax } from "./flax.ts";
export { openCheckpoint } from "./open.ts";
export { hasAverage, type Restored, type RestoreOptions, restoreVariables } from "./restore.ts";
export {
  decodeSafetensors,
  encodeSafetensors,
  type NamedArrays,
  type NumericArray,
  type Safetensors,
} from "./safetensors.ts";
export { openTensorFlowCheckpoint } from "./tensorflow.ts";
export { type ArrayEntry, CheckpointError, type CheckpointFile } from "./types.ts";
