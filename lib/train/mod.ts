/**
 * Training: one step, one loop, and what it leaves behind.
 *
 * @module
 */
export { buildTask } from "./build_task.ts";
export type { DataOptions } from "./_data.ts";
export { type Checkpoint, latestCheckpoint, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
export { cellInterruptSignal, throwIfCellInterrupted } from "./cell_interrupt.ts";
export {
  ConfigError,
  defaultConfig,
  folderName,
  methodOf,
  runFolder,
  type TrainConfig,
} from "./config.ts";
export { evaluationStep, type EvaluationSums } from "./evaluate.ts";
export type * from "./events.ts";
export { fit, type FitOptions } from "./fit.ts";
export { FolderInUseError } from "./_lock_folder.ts";
export { watchInterrupts } from "./interrupt.ts";
export { type Batch, crossEntropy, type CrossEntropyOptions } from "./loss.ts";
export { readMetrics } from "./metrics.ts";
export { createProgress } from "./progress.ts";
export type { EpochRow } from "./rows.ts";
export { ConfigMismatchError, type RunOptions, train } from "./run.ts";
export {
  initialState,
  type StepMetrics,
  type TrainState,
  type TrainStep,
  trainStep,
  type TrainStepOptions,
} from "./step.ts";
export type { Task } from "./task.ts";
