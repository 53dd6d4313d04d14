import { type EpochRow, type EvaluatedRow, isEvaluated } from "../train/rows.ts";

/** The epochs of one training run: one method, one data set, one seed. */
export interface Run {
  readonly dataset: string;
  readonly model: string;
  readonly method: string;
  readonly rho: number;
  readonly labelNoise: number;
  readonly seed: number;
  /** The epochs that were evaluated, ascending. */
  readonly rows: readonly EvaluatedRow[];
  /** True if a loss or an error stopped being a finite number. */
  readonly diverged: boolean;
}

/** Which epoch stands for a run: its last one, or the one with the lowest test error. */
export type EpochChoice = "last" | "best";

/**
 * Groups rows into runs, in the order in which the runs first appear. Epochs without evaluation are in
 * no plot; a run none of whose epochs was evaluated is in none either.
 *
 * Throws a `RangeError` if there are no rows with an evaluation, if an error is no fraction in [0, 1], if a label-noise
 * rate is not in [0, 1], or if a run has an epoch twice. Losses and errors may be NaN, infinite or
 * null (what JSON makes of NaN): such a run counts as diverged.
 */
export function runsOf(rows: readonly EpochRow[]): Run[] {
  if (rows.length === 0) {
    throw new RangeError("Cannot plot 0 rows: pass the epochs of at least one run");
  }
  const groups = new Map<string, EpochRow[]>();
  for (const row of rows) {
    checkRow(row);
    const key = JSON.stringify(
      [row.dataset, row.model, row.method, row.rho, row.labelNoise, row.seed],
    );
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  const runs = [...groups.values()].map(toRun).filter(({ rows }) => rows.length > 0);
  if (runs.length > 0) return runs;
  throw new RangeError("Cannot plot rows without an evaluation: train to an epoch that has one");
}

/** The row that stands for a run; undefined for a diverged run, whose epochs are not comparable. */
export function selectEpoch(run: Run, choice: EpochChoice): EvaluatedRow | undefined {
  if (run.diverged) return undefined;
  if (choice === "last") return run.rows.at(-1);
  return run.rows.reduce((best, row) => row.testError < best.testError ? row : best);
}

/** The last epoch of a run before a loss or an error stopped being a finite number. */
export function lastFiniteEpoch(run: Run): EvaluatedRow | undefined {
  const end = run.rows.findIndex((row) => !isFiniteRow(row));
  return end < 0 ? run.rows.at(-1) : run.rows[end - 1];
}

function toRun(rows: EpochRow[]): Run {
  rows.sort((a, b) => a.epoch - b.epoch);
  rows.forEach((row, i) => {
    if (row.epoch === rows[i + 1]?.epoch) {
      throw new RangeError(
        `Cannot plot epoch ${row.epoch} of ${row.method} with seed ${row.seed} on ${row.dataset}: ` +
          "it appears twice; drop the rows of the interrupted attempt",
      );
    }
  });
  const { dataset, model, method, rho, labelNoise, seed } = rows[0]!;
  const diverged = !rows.every(isFiniteRow);
  const evaluated = rows.filter(isEvaluated);
  return { dataset, model, method, rho, labelNoise, seed, rows: evaluated, diverged };
}

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
