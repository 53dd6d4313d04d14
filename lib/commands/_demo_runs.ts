import { type Experiment, type FinishedRun, readRecords, runRow, runsOf } from "../runs/mod.ts";
import { configOf, type EpochRow, type TrainConfig } from "../train/mod.ts";

/**
 * SAM's run of the demo: that of `notebooks/experiments/demo.ts`, on the embedded part of its data set.
 */
export const demoConfig: TrainConfig = configOf({
  dataset: "fashion_mnist_small",
  trainCount: 500,
  testCount: 1000,
  model: "wide_resnet_10_1",
  precision: "bfloat16",
  epochs: 20,
  batchSize: 25,
  learningRate: 0.1,
  weightDecay: 5e-4,
  augmentation: "none",
  evaluateTrainingSet: true,
  labelNoise: 0.4,
  samRho: 0.2,
});

/** The methods of the demo, SAM the last one. */
export const METHODS = ["SGD", "SGD, twice the epochs", "SAM"] as const;

/** So many seeds from the first recorded one on; see `notebooks/experiments/replication.ts`. */
export function demoSeeds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => 10 + index);
}

/** SGD, as long as SAM and with as much computation, and SAM: all three for each seed. */
export function demoExperiment(seeds: readonly number[], config: TrainConfig): Experiment {
  const [sgd, longer, sam] = METHODS;
  return {
    name: "demo",
    base: config,
    // Each method has the setting that the search chose for it.
    variants: [
      { method: sgd, config: { samRho: 0, learningRate: 0.3, weightDecay: 5e-4 } },
      {
        method: longer,
        config: {
          samRho: 0,
          learningRate: 0.3,
          weightDecay: 5e-3,
          epochs: epochsOf(longer, config.epochs),
        },
      },
      { method: sam, config: {} },
    ],
    seeds,
  };
}

/** How long a method is trained. @param epochs SAM's */
export function epochsOf(method: string, epochs: number): number {
  return method === METHODS[1] ? 2 * epochs : epochs;
}

/** The rows of runs that reached their last epoch: of others nothing is concluded. @param epochs SAM's */
export function endedRows<Row extends EpochRow>(rows: readonly Row[], epochs: number): Row[] {
  const runOf = ({ method, seed }: EpochRow) => `${method}, seed ${seed}`;
  const ended = new Set(
    rows.filter(({ method, epoch }) => epoch === epochsOf(method, epochs)).map(runOf),
  );
  return rows.filter((row) => ended.has(runOf(row)));
}

/** Where the recorded runs are, of a clone or of a package. */
const RECORDS = new URL("../../notebooks/experiments/records/demo.jsonl", import.meta.url);
const RECORDED = 20;

/** The recorded runs of the demo's settings: the same but for their data set's name, by seed. */
export async function recordedRuns(): Promise<FinishedRun[]> {
  const records = await readRecords(RECORDS);
  const planned = runsOf(
    demoExperiment(demoSeeds(RECORDED), { ...demoConfig, dataset: "fashion_mnist" }),
  );
  return planned.flatMap((run) => {
    const found = records.get(run.id);
    return found === undefined
      ? []
      : [{ ...found, rows: found.rows.map((row) => runRow(row, run)) }];
  });
}
