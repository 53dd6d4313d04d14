/**
 * The engine: TensorFlow.js on today's libtensorflow.
 *
 * @module
 */
import "./display/mod.ts";
export { backend, type Precision, PRECISIONS, tf, withPrecision } from "./backend/mod.ts";
export { showAs } from "./display/mod.ts";
export {
  type Attribute,
  attribute,
  configureDevices,
  type Device,
  type DeviceOptions,
  DType,
  dtypeName,
  listDevices,
  shapeProblem,
  TensorFlowError,
} from "./native/mod.ts";
export { lacksBfloat16Units } from "./bfloat16_units.ts";
export { instructionSet } from "./instruction_set.ts";
export {
  compile,
  type Compiled,
  type CompileOptions,
  type GraphInput,
  shapesOnly,
  type Subroutine,
  subroutine,
  type TracedGraph,
  traceGraph,
  type TraceReport,
} from "./compile/mod.ts";
export * as collectives from "./collectives.ts";
export * as dataset from "./dataset/mod.ts";
export { fileSystem, node } from "./node.ts";
export { atPlace, enterPlace, onDevice } from "./place.ts";
export {
  type OperationRecord,
  type PrimitiveRecord,
  type ProfiledRun,
  profiledRun,
  type ProfiledRunOptions,
} from "./profile/mod.ts";
export * as random from "./random.ts";
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
