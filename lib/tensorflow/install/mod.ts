/** Finding TensorFlow's C library on this machine; fetching it is `setup.ts`, a program of its own. @module */
export { locateTensorFlow } from "./locate.ts";
