/**
 * The part of TensorFlow's C API that the engine calls, one line per function, grouped as in
 * TensorFlow's headers (`tensorflow/c/*.h`). Both libraries are searched through the first.
 */
const pointer = "pointer";
const buffer = "buffer";
const usize = "usize";
const i32 = "i32";
const i64 = "i64";
const u8 = "u8";
const f32 = "f32";
const none = "void";
/** `struct TF_Output { TF_Operation* oper; int index; }` */
const output = { struct: [pointer, i32] } as const;

export const symbols = {
  // c_api.h
  TF_Version: { parameters: [], result: pointer },

  // absl/log/globals.h: void absl::SetMinLogLevel(LogSeverityAtLeast), as TensorFlow 2.21 has it
  setMinLogLevel: {
    name: "_ZN4absl12lts_2025081414SetMinLogLevelENS0_18LogSeverityAtLeastE",
    parameters: [i32],
    result: none,
    optional: true,
  },

  // tf_status.h
  TF_NewStatus: { parameters: [], result: pointer },
  TF_DeleteStatus: { parameters: [pointer], result: none },
  TF_SetStatus: { parameters: [pointer, i32, buffer], result: none },
  TF_GetCode: { parameters: [pointer], result: i32 },
  TF_Message: { parameters: [pointer], result: pointer },

  // tf_buffer.h
  TF_NewBuffer: { parameters: [], result: pointer },
  TF_NewBufferFromString: { parameters: [buffer, usize], result: pointer },
  TF_DeleteBuffer: { parameters: [pointer], result: none },

  // tf_tensor.h
  TF_AllocateTensor: { parameters: [i32, buffer, i32, usize], result: pointer },
  TF_DeleteTensor: { parameters: [pointer], result: none },
  TF_TensorType: { parameters: [pointer], result: i32 },
  TF_TensorData: { parameters: [pointer], result: pointer },
  TF_TensorByteSize: { parameters: [pointer], result: usize },
  TF_TensorElementCount: { parameters: [pointer], result: i64 },

  // tf_tstring.h
  TF_StringInit: { parameters: [pointer], result: none },
  TF_StringCopy: { parameters: [pointer, buffer, usize], result: none },
  TF_StringGetDataPointer: { parameters: [pointer], result: pointer },
  TF_StringGetSize: { parameters: [pointer], result: usize },
  TF_StringDealloc: { parameters: [pointer], result: none },

  // eager/c_api.h: context
  TFE_NewContextOptions: { parameters: [], result: pointer },
  TFE_ContextOptionsSetConfig: { parameters: [pointer, buffer, usize, pointer], result: none },
  TFE_DeleteContextOptions: { parameters: [pointer], result: none },
  TFE_NewContext: { parameters: [pointer, pointer], result: pointer },
  TFE_ContextListDevices: { parameters: [pointer, pointer], result: pointer },
  TFE_ContextAddFunction: { parameters: [pointer, pointer, pointer], result: none },
  TFE_ContextRemoveFunction: { parameters: [pointer, buffer, pointer], result: none },
  TF_DeviceListCount: { parameters: [pointer], result: i32 },
  TF_DeviceListName: { parameters: [pointer, i32, pointer], result: pointer },
  TF_DeviceListType: { parameters: [pointer, i32, pointer], result: pointer },
  TF_DeviceListMemoryBytes: { parameters: [pointer, i32, pointer], result: i64 },
  TF_DeleteDeviceList: { parameters: [pointer], result: none },

  // eager/c_api.h and c_api_experimental.h: collectives of several processes
  TFE_EnableCollectiveOpsAsync: {
    name: "TFE_EnableCollectiveOps",
    parameters: [pointer, buffer, usize, pointer],
    result: none,
    nonblocking: true,
  },
  TFE_AbortCollectiveOps: { parameters: [pointer, pointer], result: none },
  TFE_CollectiveOpsCheckPeerHealthAsync: {
    name: "TFE_CollectiveOpsCheckPeerHealth",
    parameters: [pointer, buffer, i64, pointer],
    result: none,
    nonblocking: true,
  },

  // eager/c_api.h: tensor handles
  TFE_NewTensorHandle: { parameters: [pointer, pointer], result: pointer },
  TFE_DeleteTensorHandle: { parameters: [pointer], result: none },
  TFE_DeleteTensorHandleAsync: {
    name: "TFE_DeleteTensorHandle",
    parameters: [pointer],
    result: none,
    nonblocking: true,
  },
  TFE_TensorHandleDataType: { parameters: [pointer], result: i32 },
  TFE_TensorHandleNumDims: { parameters: [pointer, pointer], result: i32 },
  TFE_TensorHandleDim: { parameters: [pointer, i32, pointer], result: i64 },
  TFE_TensorHandleResolve: { parameters: [pointer, pointer], result: pointer },

  // eager/c_api.h: operations
  TFE_NewOp: { parameters: [pointer, buffer, pointer], result: pointer },
  TFE_DeleteOp: { parameters: [pointer], result: none },
  TFE_OpSetDevice: { parameters: [pointer, buffer, pointer], result: none },
  TFE_OpAddInput: { parameters: [pointer, pointer, pointer], result: none },
  TFE_Execute: { parameters: [pointer, buffer, buffer, pointer], result: none },
  TFE_ExecuteAsync: {
    name: "TFE_Execute",
    parameters: [pointer, buffer, buffer, pointer],
    result: none,
    nonblocking: true,
  },
  TFE_OpSetAttrString: { parameters: [pointer, buffer, buffer, usize], result: none },
  TFE_OpSetAttrInt: { parameters: [pointer, buffer, i64], result: none },
  TFE_OpSetAttrFloat: { parameters: [pointer, buffer, f32], result: none },
  TFE_OpSetAttrBool: { parameters: [pointer, buffer, u8], result: none },
  TFE_OpSetAttrType: { parameters: [pointer, buffer, i32], result: none },
  TFE_OpSetAttrShape: { parameters: [pointer, buffer, buffer, i32, pointer], result: none },
  TFE_OpSetAttrFunctionName: { parameters: [pointer, buffer, buffer, usize], result: none },
  TFE_OpSetAttrStringList: { parameters: [pointer, buffer, buffer, buffer, i32], result: none },
  TFE_OpSetAttrIntList: { parameters: [pointer, buffer, buffer, i32], result: none },
  TFE_OpSetAttrFloatList: { parameters: [pointer, buffer, buffer, i32], result: none },
  TFE_OpSetAttrTypeList: { parameters: [pointer, buffer, buffer, i32], result: none },
  TFE_OpSetAttrShapeList: {
    parameters: [pointer, buffer, buffer, buffer, i32, pointer],
    result: none,
  },

  // c_api.h: graphs
  TF_NewGraph: { parameters: [], result: pointer },
  TF_DeleteGraph: { parameters: [pointer], result: none },
  TF_GraphGetOpDef: { parameters: [pointer, buffer, pointer, pointer], result: none },
  TF_GraphToGraphDef: { parameters: [pointer, pointer, pointer], result: none },
  TF_OperationName: { parameters: [pointer], result: pointer },
  TF_GraphOperationByName: { parameters: [pointer, buffer], result: pointer },
  TF_GraphGetTensorNumDims: { parameters: [pointer, output, pointer], result: i32 },
  TF_GraphGetTensorShape: { parameters: [pointer, output, buffer, i32, pointer], result: none },
  TF_NewOperation: { parameters: [pointer, buffer, buffer], result: pointer },
  TF_FinishOperation: { parameters: [pointer, pointer], result: pointer },
  TF_AddInput: { parameters: [pointer, output], result: none },
  TF_AddInputList: { parameters: [pointer, buffer, i32], result: none },
  TF_SetDevice: { parameters: [pointer, buffer], result: none },
  TF_AddControlInput: { parameters: [pointer, pointer], result: none },
  TF_OperationNumOutputs: { parameters: [pointer], result: i32 },
  TF_OperationOutputType: { parameters: [output], result: i32 },
  TF_SetAttrString: { parameters: [pointer, buffer, buffer, usize], result: none },
  TF_SetAttrInt: { parameters: [pointer, buffer, i64], result: none },
  TF_SetAttrFloat: { parameters: [pointer, buffer, f32], result: none },
  TF_SetAttrBool: { parameters: [pointer, buffer, u8], result: none },
  TF_SetAttrType: { parameters: [pointer, buffer, i32], result: none },
  TF_SetAttrShape: { parameters: [pointer, buffer, buffer, i32], result: none },
  TF_SetAttrFuncName: { parameters: [pointer, buffer, buffer, usize], result: none },
  TF_SetAttrTensor: { parameters: [pointer, buffer, pointer, pointer], result: none },
  TF_SetAttrStringList: { parameters: [pointer, buffer, buffer, buffer, i32], result: none },
  TF_SetAttrIntList: { parameters: [pointer, buffer, buffer, i32], result: none },
  TF_SetAttrFloatList: { parameters: [pointer, buffer, buffer, i32], result: none },
  TF_SetAttrTypeList: { parameters: [pointer, buffer, buffer, i32], result: none },
  TF_SetAttrShapeList: { parameters: [pointer, buffer, buffer, buffer, i32], result: none },

  // c_api.h: functions
  TF_GraphToFunction: {
    parameters: [
      pointer, // body
      buffer, // name
      u8, // append a hash to the name
      i32, // number of operations, -1: all
      pointer, // operations
      i32, // number of inputs
      buffer, // inputs
      i32, // number of outputs
      buffer, // outputs
      pointer, // output names
      pointer, // options
      pointer, // description
      pointer, // status
    ],
    result: pointer,
  },
  TF_DeleteFunction: { parameters: [pointer], result: none },
  TF_FunctionSetAttrValueProto: {
    parameters: [pointer, buffer, buffer, usize, pointer],
    result: none,
  },

  // c_api.h: sessions and saved models
  TF_NewSessionOptions: { parameters: [], result: pointer },
  TF_SetConfig: { parameters: [pointer, buffer, usize, pointer], result: none },
  TF_NewSession: { parameters: [pointer, pointer, pointer], result: pointer },
  TF_DeleteSessionOptions: { parameters: [pointer], result: none },
  TF_LoadSessionFromSavedModel: {
    parameters: [pointer, pointer, buffer, buffer, i32, pointer, pointer, pointer],
    result: pointer,
  },
  TF_DeleteSession: { parameters: [pointer, pointer], result: none },
  TF_SessionRun: {
    parameters: [
      pointer, // session
      pointer, // run options
      buffer, // inputs
      buffer, // input tensors
      i32,
      buffer, // outputs
      buffer, // output tensors
      i32,
      pointer, // target operations
      i32,
      pointer, // run metadata
      pointer, // status
    ],
    result: none,
  },
} as const;
