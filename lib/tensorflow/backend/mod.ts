/** TensorFlow.js's backend `tensorflow` and its kernels. @module */
export { backend, type OutputInfo, tf } from "./backend.ts";
