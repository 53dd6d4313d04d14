/**
 * Training on several processes, on TensorFlow's collectives: the cluster that `TF_CONFIG` describes,
 * means over its workers inside a compiled step, and what becomes of a worker that is lost.
 *
 * @module
 */
export { type Cluster, ClusterError, clusterFrom, describeTask } from "./cluster.ts";
export { type MeanOptions, meanOverWorkers } from "./mean_over_workers.ts";
export { prepareTogether } from "./prepare_together.ts";
export { WorkerError } from "./worker_error.ts";
export { type WorkerOptions, Workers } from "./workers.ts";
