/** Finding TensorFlow's C library on this machine; fetching it is `setup.ts`, which only the command `setup` loads. @module */
export { cacheFolder, locateTensorFlow } from "./locate.ts";
