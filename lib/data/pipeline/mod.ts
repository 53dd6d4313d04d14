/**
 * From examples to shuffled, augmented and normalised batches.
 *
 * @module
 */
export { findUndecodable } from "./find_undecodable.ts";
export {
  type EvaluationBatchOptions,
  type Examples,
  type ImageSource,
  imageSource,
  type NoisyLabels,
  type SourceOptions,
  type TrainingBatchOptions,
} from "./image_source.ts";
