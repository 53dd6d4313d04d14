/**
 * What runs can tell: estimates with intervals, differences over paired seeds, several tests at once,
 * and the words for them.
 *
 * @module
 */
export { type Calibration, calibration, type CalibrationBin } from "./calibration.ts";
export {
  type ConfidenceOptions,
  type Estimate,
  estimateMean,
  relativeReduction,
  studentQuantile,
} from "./estimates.ts";
export { describeFinding, type Finding, findings, type Verdict } from "./findings.ts";
export { holm } from "./holm.ts";
export { type PairedDifference, pairedDifference, pairedReduction } from "./paired.ts";
export { resampledDifference, type ResamplingOptions } from "./resampling.ts";
