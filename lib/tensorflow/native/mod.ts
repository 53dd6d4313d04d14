/** TensorFlow's C API: handles, attributes, shapes, graphs, and how the machine is used. @module */
export {
  type Attribute,
  attribute,
  AttributeType,
  listLength,
  setAttributes,
} from "./attributes.ts";
export {
  configProto,
  configureDevices,
  context,
  type Device,
  type DeviceOptions,
  isStarted,
  listDevices,
} from "./context.ts";
export {
  DType,
  dtypeCode,
  dtypeName,
  nearestTensorFlowJsDtype,
  tensorFlowJsDtype,
} from "./dtypes.ts";
export type { NodeOutput } from "./node_output.ts";
export { Handles, type TensorMetadata } from "./handles.ts";
export { cName, cString, notNull, type Pointer, readCString, tensorflow } from "./library.ts";
export { CAN_CAPTURE, capturedOutput } from "./captured_output.ts";
export { returnLargeBlocks } from "./large_blocks.ts";
export { opDefinition } from "./op_definition.ts";
export { requireResult } from "./result.ts";
export { SavedModel } from "./saved_model.ts";
export { requireAxes, requireShape, shapeProblem } from "./shape.ts";
export { check, newStatus, status, TensorFlowError } from "./status.ts";
export { deleteTensor, newTensor, type Values } from "./tensor_data.ts";
export { type Capture, type Place, placeOf, Trace, type TraceOptions } from "./trace.ts";
