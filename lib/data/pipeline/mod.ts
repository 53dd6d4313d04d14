/**
 * From examples to shuffled, augmented and normalised batches.
 *
 * @module
 */
export { evaluationFilePipeline, trainingFilePipeline } from "./file_pipeline.ts";
export { findUndecodable } from "./find_undecodable.ts";
export { evaluationPipeline, trainingPipeline } from "./memory_pipeline.ts";
export type { FilePipelineOptions, PipelineOptions } from "./options.ts";
export { evaluationRecordPipeline, trainingRecordPipeline } from "./record_pipeline.ts";
