import {
  type EpochRow,
  type EvaluatedRow,
  EVALUATION_FIGURES,
  isEvaluated,
  TRAIN_FIGURES,
} from "../metrics/mod.ts";

/** A row for a plot: one whose run may have an identity, and then settings too. */
export type PlottedRow = EpochRow & { readonly run?: string; readonly trainedOn?: string };

/** A value of an entry of a run's configuration. */
export type Setting = string | number | boolean;

/** The epochs of one training run: one method, one data set, one seed. */
export interface Run {
  /** Identity in a sweep. */
  readonly id?: string;
  readonly dataset: string;
  readonly model: string;
  readonly method: string;
  readonly rho: number;
  readonly labelNoise: number;
  readonly seed: number;
  /** Everything else that the rows say about the run, by name: in a sweep, its configuration. */
  readonly settings: Readonly<Record<string, Setting>>;
  /** The epochs that were evaluated, ascending. */
  readonly rows: readonly EvaluatedRow[];
  /** Processor, instruction set and TensorFlow, where that is known. */
  readonly trainedOn?: string;
  /** True if a loss or an error stopped being a finite number. */
  readonly diverged: boolean;
}

/**
 * Which epoch represents a run: its last one, the one with the lowest test error, which test images have
 * then chosen, or the one with the lowest validation error, where `evaluateOn` is "both".
 */
export type EpochChoice = "last" | "best" | "validation";

/**
 * Groups rows into runs, in the order in which the runs first appear. Rows of a sweep are told apart
 * by the identity of their run; others, such as those of a `metrics.jsonl`, by data set, model,
 * method, ρ, label noise and seed. Epochs without an evaluation are in no plot, and neither is a run
 * that has no other epochs.
 *
 * Losses and errors may be NaN, infinite or null (what JSON makes of NaN): such a run counts as
 * diverged.
 *
 * @example
 * ```ts
 * import { groupRuns, selectEpoch } from "sam/plots";
 *
 * const run = { dataset: "mine", model: "m", method: "SGD", rho: 0, labelNoise: 0, seed: 0 };
 * const losses = { trainLoss: 1, trainError: 0.5, testLoss: 1 };
 * const runs = groupRuns([0.3, 0.2, 0.25].map((testError, i) => ({
 *   ...run,
 *   ...losses,
 *   testError,
 *   epoch: i + 1,
 * })));
 * console.log(runs.length, selectEpoch(runs[0]!, "best")?.epoch); // 1 2
 * ```
 *
 * @throws RangeError if no row has an evaluation, if an error or a rate of label noise is not in
 *   [0, 1], or if a run has an epoch twice
 */
export function groupRuns(rows: readonly PlottedRow[]): Run[] {
  if (rows.length === 0) {
    throw new RangeError("Cannot plot 0 rows: pass the epochs of at least one run");
  }
  const groups = new Map<string, PlottedRow[]>();
  for (const row of rows) {
    checkRow(row);
    const key = JSON.stringify(
      [row.run, row.dataset, row.model, row.method, row.rho, row.labelNoise, row.seed],
    );
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  const runs = [...groups.values()].map(toRun).filter(({ rows }) => rows.length > 0);
  if (runs.length > 0) return runs;
  throw new RangeError("Cannot plot rows without an evaluation: train to an epoch that has one");
}

/**
 * The row that represents a run; undefined for a diverged run, whose epochs are not comparable, and
 * where validation images are to choose and there were none. The first of equals is taken.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { groupRuns, selectEpoch } from "sam/plots";
 *
 * const run = { dataset: "mine", model: "m", method: "SGD", rho: 0, labelNoise: 0, seed: 0 };
 * const losses = { trainLoss: 1, trainError: 0.5, testLoss: 1 };
 * const [one] = groupRuns([0.3, 0.2, 0.25].map((testError, i) => ({
 *   ...run,
 *   ...losses,
 *   testError,
 *   epoch: i + 1,
 * })));
 * assertEquals([selectEpoch(one!, "last")?.epoch, selectEpoch(one!, "best")?.epoch], [3, 2]);
 * ```
 */
export function selectEpoch(run: Run, choice: EpochChoice): EvaluatedRow | undefined {
  if (run.diverged) return undefined;
  if (choice === "last") return run.rows.at(-1);
  if (choice === "validation" && !hasValidation(run)) return undefined;
  const errorOf = (row: EvaluatedRow) =>
    choice === "validation" ? row.validationError! : row.testError;
  return run.rows.reduce((best, row) => errorOf(row) < errorOf(best) ? row : best);
}

/** Whether validation images were evaluated beside the test set. */
export function hasValidation({ rows }: Run): boolean {
  return rows.length > 0 && rows.every(({ validationError }) => validationError !== undefined);
}

/**
 * The last epoch of a run before a loss or an error stopped being a finite number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { groupRuns, lastFiniteEpoch } from "sam/plots";
 *
 * const run = { dataset: "mine", model: "m", method: "SGD", rho: 0, labelNoise: 0, seed: 0 };
 * const losses = { trainLoss: 1, trainError: 0.5, testLoss: 1 };
 * const [one] = groupRuns([1, 2, NaN].map((testLoss, i) => ({
 *   ...run,
 *   ...losses,
 *   testLoss,
 *   testError: 0.5,
 *   epoch: i + 1,
 * })));
 * assertEquals(lastFiniteEpoch(one!)?.epoch, 2);
 * ```
 */
export function lastFiniteEpoch(run: Run): EvaluatedRow | undefined {
  const end = run.rows.findIndex((row) => !isFiniteRow(row));
  return end < 0 ? run.rows.at(-1) : run.rows[end - 1];
}

/**
 * How a run's images were augmented, as the paper's tables name it: cutout, which is done to batches,
 * takes the place of what is done to images. Other augmentations of batches are methods.
 */
export function augmentationOf({ settings }: Pick<Run, "settings">): Setting | undefined {
  const { augmentation, batchAugmentation } = settings;
  return String(batchAugmentation).startsWith("cutout") ? "cutout" : augmentation;
}

/** Whether wrong labels are those of similar classes; without wrong labels they are not. */
export function noiseKindOf({ settings, labelNoise }: Pick<Run, "settings" | "labelNoise">) {
  return labelNoise > 0 && settings.labelNoiseKind === "asymmetric" ? "asymmetric" : "symmetric";
}

function toRun(rows: PlottedRow[]): Run {
  rows.sort((a, b) => a.epoch - b.epoch);
  rows.forEach((row, i) => {
    if (row.epoch === rows[i + 1]?.epoch) {
      throw new RangeError(
        `Cannot plot epoch ${row.epoch} of ${row.method} with seed ${row.seed} on ${row.dataset}: ` +
          "it appears twice; drop the rows of the interrupted attempt",
      );
    }
  });
  const { dataset, model, method, rho, labelNoise, seed, run: id, trainedOn } = rows[0]!;
  const labels = {
    ...id !== undefined && { id },
    ...trainedOn !== undefined && { trainedOn },
    ...{ dataset, model, method, rho, labelNoise, seed },
  };
  const diverged = !rows.every(isFiniteRow);
  const evaluated = rows.filter(isEvaluated);
  const settings = settingsOf(rows);
  return { ...labels, settings, rows: evaluated, diverged };
}

/**
 * Entries that say how a run was configured: they are the same in all of its rows, unlike what was
 * measured. None where nothing identifies the run.
 */
function settingsOf(rows: readonly PlottedRow[]): Record<string, Setting> {
  const [first, ...others] = rows as readonly Readonly<Record<string, unknown>>[];
  if (first?.run === undefined) return {};
  const entries = Object.entries(first).filter((entry): entry is [string, Setting] => {
    const [name, value] = entry;
    return !TOLD.has(name) && ["string", "number", "boolean"].includes(typeof value) &&
      others.every((row) => row[name] === value);
  });
  return Object.fromEntries(entries);
}

/** Entries that plots treat by themselves, those that change what is measured or kept, and figures. */
const TOLD: ReadonlySet<string> = new Set([
  ...["dataset", "model", "method", "rho", "samRho", "labelNoise", "seed", "epoch", "run"],
  "trainedOn",
  ...["evaluateEvery", "evaluateTop5", "evaluateTrainingSet", "samStatistics"],
  ...TRAIN_FIGURES,
  ...EVALUATION_FIGURES,
]);

function isFiniteRow(row: EpochRow): boolean {
  const tested = isEvaluated(row) ? [row.testLoss, row.testError] : [];
  return [row.trainLoss, row.trainError, ...tested].every(Number.isFinite);
}

function checkRow(row: EpochRow): void {
  if (!(row.labelNoise >= 0 && row.labelNoise <= 1)) {
    throw new RangeError(
      `Cannot plot label noise ${row.labelNoise}: it must be a share in [0, 1], not per cent`,
    );
  }
  if (!(Number.isInteger(row.epoch) && row.epoch >= 1)) {
    throw new RangeError(`Cannot plot epoch ${row.epoch}: epochs are whole and start at 1`);
  }
  for (const error of [row.trainError, row.testError]) {
    if (error !== undefined && Number.isFinite(error) && (error < 0 || error > 1)) {
      throw new RangeError(
        `Cannot plot the error ${error}: it must be a fraction in [0, 1], not per cent`,
      );
    }
  }
}
