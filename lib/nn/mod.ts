/**
 * Layers as functions of a scope, and models made of them.
 *
 * @module
 */
export { batchNorm, type BatchNormOptions } from "./batch_norm.ts";
export { convolution, type ConvolutionOptions } from "./convolution.ts";
export { depthwiseConvolution, type DepthwiseConvolutionOptions } from "./depthwise_convolution.ts";
export { dropout, stochasticDepth } from "./dropout.ts";
export { dense } from "./dense.ts";
export {
  heNormalFanOut,
  heTruncatedFanOut,
  type Initializer,
  lecunNormal,
  ones,
  uniformFanOut,
  zeros,
} from "./initializers.ts";
export {
  crossEntropy,
  entropy,
  errorRate,
  exampleCrossEntropies,
  exampleErrors,
  type SmoothingOptions,
  topKErrorRate,
  weightDecay,
  type WeightDecayScope,
} from "./loss.ts";
export {
  type ApplyOptions,
  type Model,
  model,
  type PassVariables,
  type Variables,
} from "./model.ts";
export type { VariableShapes } from "./variable_shapes.ts";
export { averagePool, globalAveragePool, maxPool } from "./pooling.ts";
export { relu } from "./relu.ts";
export { shakeDrop, shakeShakeSum } from "./shake.ts";
export { swish } from "./swish.ts";
export type { Module, Scope } from "./scope.ts";
