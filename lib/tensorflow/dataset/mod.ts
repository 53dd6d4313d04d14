/**
 * Data pipelines on TensorFlow's own threads (`tf.data`): functions of one element, written in
 * TensorFlow.js, run in parallel beside the training step.
 *
 * @module
 */
export { type ArraySource, Dataset, fromArrays, fromRecordFiles } from "./dataset.ts";
