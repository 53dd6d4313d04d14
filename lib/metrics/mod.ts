/** What a run measures: the rows of its epochs, and the file that keeps them. @module */
export { packBits, type PackedBits, unpackBits } from "./bits.ts";
export {
  METRICS_FILE,
  type MetricsWriter,
  openMetrics,
  readMetrics,
  readMetricsIfThere,
} from "./file.ts";
export {
  type EpochRow,
  type Evaluated,
  type EvaluatedRow,
  EVALUATION_FIGURES,
  figureName,
  figuresOf,
  isEvaluated,
  isEvaluationDue,
  type RunLabels,
  type TaskRow,
  TRAIN_FIGURES,
} from "./rows.ts";
