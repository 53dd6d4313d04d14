/** TensorFlow.js's backend `tensorflow` and its kernels. @module */
export { backend, type OutputInfo, tf } from "./backend.ts";
export type { Precision } from "./binding.ts";
export { PRECISIONS, withPrecision } from "./precision.ts";
