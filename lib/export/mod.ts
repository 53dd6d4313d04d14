/**
 * Trained networks for other programs: FLAX, TensorFlow, TensorFlow.js in browsers.
 *
 * @module
 */
export { writeFlax } from "./flax.ts";
export { writeGraphModel } from "./graph_model.ts";
export { type InferenceGraph, inferenceGraph } from "./inference_graph.ts";
export { writeSavedModel } from "./saved_model.ts";
