/**
 * Networks, one file each, and their names.
 *
 * @module
 */
export { cifarResNet, type CifarResNetOptions } from "./cifar_resnet.ts";
export {
  type BlockRow,
  efficientNet,
  type EfficientNetOptions,
  efficientNetSize,
  efficientNetSizes,
} from "./efficientnet.ts";
export { pyramidNet, type PyramidNetOptions } from "./pyramid_net.ts";
export {
  buildModel,
  freezesBatchNorm,
  modelImageSize,
  modelNames,
  type ModelOptions,
  registerModel,
} from "./registry.ts";
export { resNet, type ResNetOptions } from "./resnet.ts";
export { shakeShake, type ShakeShakeOptions } from "./shake_shake.ts";
export { wideResNet, type WideResNetOptions } from "./wide_resnet.ts";
