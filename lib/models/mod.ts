/**
 * Networks, one file each, and their names.
 *
 * @module
 */
export { buildModel, modelNames, type ModelOptions } from "./registry.ts";
export { wideResNet, type WideResNetOptions } from "./wide_resnet.ts";
