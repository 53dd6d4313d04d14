/**
 * Optimizers as pure functions over trees of tensors. SAM is a transformation of a gradient
 * function, and so goes with every one of them.
 *
 * @module
 */
export { accumulate, type AccumulateOptions } from "./accumulate.ts";
export { applyUpdates, chain } from "./chain.ts";
export { checkMaxNorm, clipToNorm, globalNorm } from "./global_norm.ts";
export { type GroupOptions, mSharpness, type MSharpnessOptions } from "./m_sharpness.ts";
export { movedAverage, MOVING_AVERAGE_WARM_UP, movingAverageDecay } from "./moving_average.ts";
export { rmsprop, type RmspropOptions, type RmspropState } from "./rmsprop.ts";
export { sam, type SamOptions, type SamStatistics } from "./sam.ts";
export * as schedules from "./schedules.ts";
export { sgd, type SgdOptions, type SgdState } from "./sgd.ts";
export { SamOptimizer, samOptimizer } from "./tfjs.ts";
export { checkedMetrics, lossParts } from "./loss_parts.ts";
export type {
  Gradient,
  GradientFunction,
  Loss,
  LossFunction,
  Metrics,
  Optimizer,
  Pass,
  Schedule,
  StatefulGradient,
} from "./types.ts";
export { synchronizedMSharpness } from "./synchronized_m_sharpness.ts";
export { valueAndGrad } from "./value_and_grad.ts";
