/**
 * The engine: TensorFlow.js on today's libtensorflow.
 *
 * @module
 */
export { backend, tf } from "./backend.ts";
export { type Attribute, attribute } from "./_attributes.ts";
export { DType, dtypeName } from "./_dtypes.ts";
export { TensorFlowError } from "./_status.ts";
export { compile, type Compiled, type CompileOptions, type TraceReport } from "./compile.ts";
export * as dataset from "./dataset.ts";
export { configureDevices, type Device, type DeviceOptions, listDevices } from "./devices.ts";
export { fileSystem, node } from "./node.ts";
export * as random from "./random.ts";
export { shapeProblem } from "./shape.ts";
export { shapesOnly } from "./shapes_only.ts";
/** tfjs-node's image files: `decodeImage`, `encodePng`, `encodeJpeg`, …, up to a limit of pixels. */
export * as image from "./image.ts";
/** tfjs-node's SavedModels: `loadSavedModel`, `getMetaGraphsFromSavedModel`, … */
export * as savedModel from "@tensorflow/tfjs-node-gpu/dist/saved_model.js";
export { tidy } from "./tidy.ts";
export {
  forEachLeaf,
  leaves,
  mapTree,
  namedLeaves,
  type TensorRecord,
  type Tree,
  withLeaves,
} from "./tree.ts";
