/** A worker of the cluster is lost, failed, or is not like the others: all have to start again. */
export class WorkerError extends Error {
  override readonly name = "WorkerError";
}
