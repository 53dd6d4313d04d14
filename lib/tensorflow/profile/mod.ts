/** TensorFlow's own clock on the operations of a function, and oneDNN's. @module */
export { type PrimitiveRecord } from "./primitives.ts";
export { type ProfiledRun, profiledRun, type ProfiledRunOptions } from "./profiled_run.ts";
export { type OperationRecord } from "./step_stats.ts";
