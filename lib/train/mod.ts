/**
 * Training: one step, one loop, and what it leaves behind.
 *
 * @module
 */
export { assess, type Assessment, type AssessOptions } from "./assess.ts";
export { buildTask } from "./build_task.ts";
export type { DataOptions } from "./_data.ts";
export {
  type Checkpoint,
  latestCheckpoint,
  loadCheckpoint,
  saveAdditionalCheckpoint,
  saveCheckpoint,
} from "./checkpoint.ts";
export { type Batches, batches, type BatchesOptions, type ExampleArray } from "./batches.ts";
export { classificationEvaluator } from "./classification_evaluator.ts";
export { DivergedError } from "./divergence.ts";
export { cellInterruptSignal, throwIfCellInterrupted } from "./cell_interrupt.ts";
export { ConfigMismatchError } from "./_config_file.ts";
export { configEntries, ConfigError, defaultConfig, methodOf } from "./config.ts";
export type { TrainConfig } from "./train_config.ts";
export { configOf } from "./config_rules.ts";
export {
  type EvaluationOptions,
  evaluationStep,
  type EvaluationSums,
  type NoisyBatch,
  noisyEvaluationStep,
  type NoisyEvaluationSums,
} from "./evaluate.ts";
export { meanEvaluator } from "./evaluator.ts";
export type * from "./events.ts";
export { readFinished, requireFinite } from "./finished_run.ts";
export { fit, type FitOptions } from "./fit.ts";
export { FolderInUseError, requireFree } from "./_lock_folder.ts";
export { changesOf, folderName, runFolder, runId } from "./identity.ts";
export { watchInterrupts } from "./interrupt.ts";
export {
  type Batch,
  crossEntropyLoss,
  type CrossEntropyMetrics,
  type CrossEntropyOptions,
} from "./loss.ts";
export {
  type EpochRow,
  type Evaluated,
  type EvaluatedRow,
  EVALUATION_FIGURES,
  isEvaluated,
  isEvaluationDue,
  readMetrics,
  type RunLabels,
  type TaskRow,
  TRAIN_FIGURES,
} from "../metrics/mod.ts";
export { type KeptRun, readKeptRun, runFolders } from "./kept_run.ts";
export { createProgress } from "./progress.ts";
export type { RunResult } from "./result.ts";
export { predict, type Prediction, type PredictOptions } from "./predict.ts";
export { openTrained, type TrainedModel, type TrainedOptions } from "./trained_model.ts";
export { type RunOptions, train } from "./run.ts";
export { trainTask, type TrainTaskOptions } from "./train_task.ts";
export {
  type ModelVariables,
  type StepMetrics,
  type TrainState,
  type TrainStep,
  trainStep,
  type TrainStepOptions,
} from "./step.ts";
export { fromStored } from "./stored_config.ts";
export { checkTask, task } from "./check_task.ts";
export {
  type ClassificationTask,
  type EvaluationShare,
  type Evaluator,
  type Figures,
  type Outcome,
  type Task,
} from "./task.ts";
export type { RowOf } from "./row_of.ts";
