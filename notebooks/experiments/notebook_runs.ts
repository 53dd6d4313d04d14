/** What the notebooks do with their experiments. @module */
import { plots, runs } from "sam";
import { live } from "sam/notebook";
import { reduced } from "./reduced.ts";

/** How the runs of a notebook are found or trained. */
export interface NotebookRuns {
  /** The name of the file of records. */
  readonly name: string;
  /** Whether the experiments are trained in miniature. */
  readonly smoke: boolean;
  /** Whether all runs are trained anew. */
  readonly restart: boolean;
  readonly outputDir: string;
}

/** Finished runs, by their identities. */
export type Records = ReadonlyMap<string, runs.FinishedRun>;

/** The recorded runs of a notebook. */
export async function recordsOf(name: string): Promise<Records> {
  return await runs.readRecords(fileOf(name));
}

function fileOf(name: string): URL {
  return new URL(`records/${name}.jsonl`, import.meta.url);
}

/**
 * The rows of all runs of some experiments, each run once: recorded, found in their folders, or trained
 * where the notebook stands.
 */
export async function rowsOf(
  experiments: readonly runs.Experiment[],
  { name, smoke, restart, outputDir }: NotebookRuns,
): Promise<runs.RunRow[]> {
  const rows = new Map<string, runs.RunRow[]>();
  for (const experiment of experiments) {
    const options = { records: fileOf(name), restart, outputDir };
    const found = await live(runs.sweep(smoke ? reduced(experiment) : experiment, options));
    for (const [run, epochs] of Map.groupBy(found, ({ run }) => run)) {
      if (!rows.has(run)) rows.set(run, epochs);
    }
  }
  return [...rows.values()].flat();
}

/** The rows of the runs of some experiments that are recorded, each run once. */
export function recordedRows(
  experiments: readonly runs.Experiment[],
  records: Records,
): runs.RunRow[] {
  const planned = new Map(experiments.flatMap(runs.runsOf).map((run) => [run.id, run]));
  return [...planned.values()].flatMap((run) => {
    const recorded = records.get(run.id);
    return recorded?.rows.map((row) => runs.runRow(row, run, recorded.result)) ?? [];
  });
}

/** What the recorded ones of these runs took, by method, and on what. */
export function costTable(rows: readonly runs.RunRow[], records: Records): plots.HtmlTable {
  const methods = Map.groupBy(firstRows(rows), ({ method }) => method);
  const recorded = firstRows(rows).flatMap(({ run }) => records.get(run) ?? []);
  const minutes = (found: readonly runs.RunRow[]) =>
    found.flatMap(({ run }) => records.get(run)?.result.seconds ?? []).map((time) => time / 60);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return {
    caption: recorded.length === 0
      ? "None of these runs is recorded"
      : `Recorded runs, on ${machinesOf(recorded)}`,
    columns: ["Method", "Runs", "Minutes a run", "Hours in all"],
    rows: Array.from(methods, ([method, found]) => {
      const times = minutes(found);
      return [
        method,
        times.length,
        times.length > 0 ? (sum(times) / times.length).toFixed(1) : "–",
        (sum(times) / 60).toFixed(1),
      ];
    }),
  };
}

/** Machines, their instruction sets and threads, precisions and commits of runs. */
export function machinesOf(recorded: readonly runs.FinishedRun[]): string {
  const distinct = (values: readonly (string | undefined)[]) =>
    [...new Set(values.filter((value) => value !== undefined))].join(" and ");
  return [
    distinct(recorded.map(({ result }) => result.machine)),
    distinct(recorded.map(({ result }) => result.instructionSet)),
    distinct(recorded.map(({ result }) => threadsText(result.threads))),
    distinct(recorded.map(({ config }) => config.precision)),
    distinct(recorded.map(({ result }) => result.commit?.slice(0, 7))).replace(/^(?=.)/, "commit "),
  ].filter(Boolean).join(", ");
}

function threadsText(count: number | undefined): string | undefined {
  return count === undefined ? undefined : `${count} ${count === 1 ? "thread" : "threads"}`;
}

/** The errors on the training set after the last epoch, at the parameters w and without augmentation. */
export function trainingErrors(rows: readonly runs.RunRow[]): plots.HtmlTable {
  const last = rows.filter(({ epoch, epochs }) => epoch === epochs);
  const groups = Map.groupBy(
    last,
    ({ trainCount, labelNoise, method, rho, batchSize, epochs, ...row }) =>
      JSON.stringify([trainCount, augmentationOf(row), labelNoise, method, rho, batchSize, epochs]),
  );
  const columns = [
    ["Of all labels", "evalOnTrainError"],
    ["Of true labels", "evalOnTrueLabelsError"],
    ["Of wrong labels", "evalOnWrongLabelsError"],
  ] as const;
  const shown = columns.filter(([, name]) => last.some((row) => row[name] !== undefined));
  const errorOf = (group: readonly runs.RunRow[], name: typeof columns[number][1]) => {
    const errors = group.flatMap((row) => row[name] ?? []);
    if (errors.length === 0) return "–";
    return (100 * errors.reduce((a, b) => a + b, 0) / errors.length).toFixed(1);
  };
  return {
    caption:
      "Error on the training set after the last epoch, in per cent, by the labels trained on: evaluated " +
      "at the parameters w, without augmentation, the mean over the seeds",
    columns: [
      "Images",
      "Augmentation",
      "Wrong labels",
      "Method",
      "ρ",
      "Batch size",
      "Epochs",
      "Seeds",
      ...shown.map(([title]) => title),
    ],
    rows: Array.from(groups.values(), (group) => {
      const { trainCount, labelNoise, method, rho, batchSize, epochs } = group[0]!;
      return [
        trainCount ?? "all",
        augmentationOf(group[0]!),
        `${100 * labelNoise} %`,
        method,
        rho,
        batchSize,
        epochs,
        group.length,
        ...shown.map(([, name]) => errorOf(group, name)),
      ];
    }),
  };
}

/** As the paper names it: cutout comes after flips and crops. */
function augmentationOf(
  { augmentation, batchAugmentation }: Pick<runs.RunRow, "augmentation" | "batchAugmentation">,
): string {
  return batchAugmentation === "cutout" ? "cutout" : augmentation;
}

/** A row of each run. */
function firstRows(rows: readonly runs.RunRow[]): runs.RunRow[] {
  return [...new Map(rows.map((row) => [row.run, row])).values()];
}

/** What a reader wants to know of a run's configuration. */
const ENTRIES = {
  dataset: "Data set",
  trainCount: "Training images",
  testCount: "Test images",
  labelNoise: "Wrong labels",
  labelNoiseKind: "Kind of wrong labels",
  augmentation: "Augmentation",
  batchAugmentation: "Augmentation of batches",
  mixupAlpha: "Mixup's α",
  model: "Network",
  precision: "Precision",
  epochs: "Epochs",
  batchSize: "Batch size",
  learningRate: "Learning rate",
  weightDecay: "Weight decay",
  labelSmoothing: "Label smoothing",
  bootstrapping: "Bootstrapping",
  m: "m",
  samRho: "ρ",
  seed: "Seeds",
} as const satisfies Partial<Record<keyof runs.RunRow, string>>;

/** Settings that only some methods have: a row of nothing but this value says nothing. */
const OFF: readonly unknown[] = ["none", "symmetric", 0, undefined];

/** With what settings the methods were trained: a column for each method. */
export function settingsTable(rows: readonly runs.RunRow[]): plots.HtmlTable {
  const methods = Map.groupBy(firstRows(rows), ({ method }) => method);
  const names = Object.entries(ENTRIES) as [keyof typeof ENTRIES, string][];
  return {
    caption: "Settings of the runs by method",
    columns: ["", ...methods.keys()],
    rows: names.filter(([name]) => rows.some((row) => !OFF.includes(row[name])))
      .map(([name, title]) => [
        title,
        ...Array.from(methods.values(), (found) => valuesText(name, found)),
      ]),
  };
}

function valuesText(name: keyof typeof ENTRIES, rows: readonly runs.RunRow[]): string {
  const values = [...new Set(rows.map((row) => row[name]))];
  const numbers = values.filter((value) => typeof value === "number").sort((a, b) => a - b);
  const isRange = name === "seed" && numbers.length > 2 &&
    numbers.at(-1)! - numbers[0]! === numbers.length - 1;
  if (isRange) return `${numbers[0]} to ${numbers.at(-1)}`;
  const whole = name === "trainCount" || name === "testCount" ? "all" : "none";
  const others = values.filter((value) => typeof value !== "number").map((value) => value ?? whole);
  return [...numbers, ...others].join(", ");
}
