import { join } from "node:path";
import type { Metrics } from "../optim/mod.ts";
import type { Tree } from "../tensorflow/mod.ts";
import {
  checkTask,
  runFolder,
  type RunLabels,
  type RunOptions,
  type RunResult,
  type TaskRow,
  train,
  type TrainEvent,
  trainTask,
} from "../train/mod.ts";
import { type Experiment, runsOf } from "./experiment.ts";
import { type OwnConfig, type OwnExperiment, type OwnRunRow, ownRunsOf } from "./own_experiment.ts";
import { runRow, trainedOn } from "./rows.ts";
import type { ConfiguredSweep, OwnSweep, SweepKind } from "./sweep_events.ts";

/** The runs of an experiment, and how they are trained. */
export interface Trainer<Kind extends SweepKind> {
  readonly runs: readonly (Kind["run"] & { readonly id: string })[];
  /** Below the output folder. */
  folderOf(run: Kind["run"]): string;
  train(
    run: Kind["run"],
    options: RunOptions & { readonly outputDir: string },
  ): AsyncIterable<TrainEvent<Kind["epoch"]>>;
  rowOf(row: Kind["epoch"], run: Kind["run"], result: RunResult): Kind["row"];
  /** What the run is to do with a loss that is not finite, where that is known before it is built. */
  onNanOf(run: Kind["run"]): "stop" | "continue" | undefined;
}

/** Of configurations of `train`. */
export function configuredTrainer(experiment: Experiment): Trainer<ConfiguredSweep> {
  return {
    runs: runsOf(experiment),
    folderOf: ({ config }) => runFolder(config),
    train: ({ config }, options) => train(config, options),
    rowOf: runRow,
    onNanOf: ({ config }) => config.onNan,
  };
}

/** Of tasks of one's own. */
export function ownTrainer<C extends OwnConfig, P extends Tree, B, M extends Metrics>(
  experiment: OwnExperiment<C, P, B, M>,
): Trainer<OwnSweep<C>> {
  const { name, version, build } = experiment.builder;
  return {
    runs: ownRunsOf(experiment),
    folderOf: ({ folder }) => folder,
    async *train({ config, method, folder }, { outputDir, restart, signal }) {
      const task = await build(config);
      checkTask(task);
      const labels = {
        model: name,
        ...labelsIn(config),
        method,
        ...task.labels,
        seed: config.seed,
      };
      const identified = { ...task, labels, config: { ...config, builder: { name, version } } };
      const kept = { folder: join(outputDir, folder), signal, ...restart && { restart } };
      const events = trainTask(identified, kept);
      yield* events as AsyncIterable<TrainEvent<TaskRow>>;
    },
    rowOf: (row, { id, config, method }, result) =>
      ({ ...config, ...row, method, run: id, ...trainedOn(result) }) as unknown as OwnRunRow<C>,
    // A run that trained on all the same was asked to by its builder.
    onNanOf: () => "continue",
  };
}

/** What a configuration says itself of how its run is named. */
function labelsIn(config: OwnConfig): Partial<RunLabels> {
  const { dataset, model, rho, labelNoise } = config;
  return {
    ...typeof dataset === "string" && { dataset },
    ...typeof model === "string" && { model },
    ...typeof rho === "number" && { rho },
    ...typeof labelNoise === "number" && { labelNoise },
  };
}
