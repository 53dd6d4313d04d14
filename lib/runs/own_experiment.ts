import type { Metrics } from "../optim/mod.ts";
import { sha256Of } from "../system/mod.ts";
import type { Tree } from "../tensorflow/mod.ts";
import { folderName, type Task, type TaskRow } from "../train/mod.ts";
import { plan } from "./_plan.ts";
import { checkExperiment } from "./check_experiment.ts";
import { settingsOf } from "./experiment.ts";

/** Entries of a configuration of one's own; `seed` is the sweep's. */
export type OwnConfig = { readonly [name: string]: string | number | boolean };

/** What makes tasks of configurations of one's own. */
export interface TaskBuilder<C extends OwnConfig, P extends Tree, B, M extends Metrics> {
  /** With the version it is part of each run's identity: no two builders share results. */
  readonly name: string;
  /** Take another one when the builder makes something else of a configuration. */
  readonly version: string | number;
  build(config: C & { readonly seed: number }): Task<P, B, M> | Promise<Task<P, B, M>>;
}

/** An experiment over tasks of one's own: variants × grid × seeds. */
export interface OwnExperiment<C extends OwnConfig, P extends Tree, B, M extends Metrics> {
  /** For messages. */
  readonly name: string;
  readonly builder: TaskBuilder<C, P, B, M>;
  /** The entries of all runs, each with a value. */
  readonly base: C;
  /** Values to try of entries: every combination is a setting. */
  readonly grid?: { readonly [Name in keyof C]?: readonly C[Name][] };
  /** Default: one without changes, named after the builder. */
  readonly variants?: readonly { readonly method: string; readonly config: Partial<C> }[];
  readonly seeds: readonly number[];
}

/** One run of an experiment of one's own. */
export interface OwnRun<C extends OwnConfig> {
  readonly id: string;
  readonly config: C & { readonly seed: number };
  /** As it stands in legends. */
  readonly method: string;
  /** Below the output folder. */
  readonly folder: string;
}

/** One epoch of such a run with all that it was configured by. */
export type OwnRunRow<C extends OwnConfig> = TaskRow & C & {
  /** Identity of the run. */
  readonly run: string;
  /** Processor, instruction set and TensorFlow of a finished run: only runs of equal ones are paired. */
  readonly trainedOn?: string;
};

/**
 * The runs of an experiment of one's own, those of the first seed first. A setting that comes up twice
 * is one run, of one method.
 *
 * ```ts
 * import { optim, runs, tf, train } from "sam";
 *
 * const builder = {
 *   name: "mean",
 *   version: 1,
 *   build: ({ rate, seed }: { rate: number; seed: number }) =>
 *     train.task({
 *       parameters: { w: tf.scalar(0) },
 *       loss: ({ w }, { x }) => tf.mean(tf.square(tf.sub(x, w))),
 *       optimizer: optim.sgd(rate),
 *       training: train.batches({ x: [1, 2, 3, 4] }, { batchSize: 2 }),
 *       epochs: 2,
 *       seed,
 *     }),
 * };
 * const experiment = { name: "rates", builder, base: { rate: 0.1 }, seeds: [0, 1] };
 * console.log(runs.ownRunsOf({ ...experiment, grid: { rate: [0.1, 0.2] } }).length); // 4
 * ```
 *
 * @throws RangeError for an experiment without runs, and for two methods that are one configuration
 * @throws TypeError for what is not an experiment, for a builder without a name, a version or a function, and for values by which two
 *   runs would be taken for one
 */
export function ownRunsOf<C extends OwnConfig, P extends Tree, B, M extends Metrics>(
  experiment: OwnExperiment<C, P, B, M>,
): OwnRun<C>[] {
  checkExperiment(experiment);
  const { name, builder, base, grid = {}, variants, seeds } = experiment;
  if (
    typeof builder?.name !== "string" || builder.name.trim() === "" ||
    !isSetting(builder.version) || builder.version === ""
  ) {
    throw new TypeError(
      `Cannot run the experiment ${name}: its builder needs a name and a version, by which its ` +
        "results are told from those of others",
    );
  }
  if (typeof builder.build !== "function") {
    throw new TypeError(`Cannot run the experiment ${name}: its builder has no function \`build\``);
  }
  const runs = new Map<string, OwnRun<C>>();
  for (const seed of seeds) {
    for (const setting of settingsOf<C>(grid)) {
      for (const variant of variants ?? [{ method: builder.name, config: {} }]) {
        const config = { ...base, ...setting, ...variant.config, seed };
        requireSettings(name, config);
        const id = identityOf(builder, config);
        const folder = `${folderName(builder.name)}/seed_${seed}-${id}`;
        plan(runs, { id, config, method: variant.method, folder }, name);
      }
    }
  }
  if (runs.size > 0) return Array.from(runs.values());
  const empty = seeds.length === 0 ? "seeds" : "values in its grid or variants";
  throw new RangeError(`Cannot run the experiment ${name}: it has no ${empty}`);
}

/** Entries of a row that a configuration of one's own cannot have, as the run has others. */
const TAKEN = ["epoch", "method", "run", "trainLoss", "trainedOn"];

/** @throws TypeError for an entry by which runs cannot be told from each other */
function requireSettings(experiment: string, config: OwnConfig): void {
  for (const [name, value] of Object.entries(config)) {
    if (TAKEN.includes(name)) {
      throw new TypeError(
        `Cannot run the experiment ${experiment}: ${name} is another entry of its rows. Choose ` +
          "another name for the entry",
      );
    }
    if (isSetting(value)) continue;
    throw new TypeError(
      `Cannot run the experiment ${experiment} with ${name} ${value}: its runs are told from each ` +
        "other by texts, booleans and finite numbers",
    );
  }
}

function isSetting(value: unknown): boolean {
  return typeof value === "number"
    ? Number.isFinite(value)
    : /^(string|boolean)$/.test(typeof value);
}

/** 12 hex digits of the sha256 of builder and configuration. */
function identityOf(
  { name, version }: { readonly name: string; readonly version: string | number },
  config: OwnConfig,
): string {
  const entries = Object.entries(config).sort(([a], [b]) => a < b ? -1 : 1);
  return sha256Of([JSON.stringify([name, `${version}`, entries])]).slice(0, 12);
}
