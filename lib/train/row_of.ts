import type { EpochRow, TaskRow } from "../metrics/mod.ts";
import type { Metrics } from "../optim/mod.ts";
import type { CrossEntropyMetrics } from "./loss.ts";

/** The rows of a task whose loss measures `M`. */
export type RowOf<M extends Metrics> = M extends CrossEntropyMetrics ? EpochRow : TaskRow;
