import { compact, plusMinus } from "./_text.ts";
import { type EpochChoice, lastFiniteEpoch, type Run, selectEpoch } from "./select_epochs.ts";
import { estimateMean } from "../statistics/mod.ts";

/** A mean test error in per cent, with its interval where there are several seeds. */
export interface MeanError {
  readonly error: number;
  readonly low?: number;
  readonly high?: number;
  /** "12.31 ± 0.42". */
  readonly text: string;
}

/** The test error of one run in per cent. */
export interface RunError {
  readonly seed: number;
  readonly epoch: number;
  readonly error: number;
  readonly diverged: boolean;
}

/** The mean over the runs that did not diverge, if there are any. */
export function meanError(runs: readonly Run[], choice: EpochChoice): MeanError | undefined {
  const errors = runs.flatMap((run) => selectEpoch(run, choice)?.testError ?? []);
  if (errors.length === 0) return undefined;
  const estimate = estimateMean(errors);
  return {
    error: compact(100 * estimate.value),
    ...(estimate.interval && {
      low: compact(100 * Math.max(0, estimate.interval[0])),
      high: compact(100 * Math.min(1, estimate.interval[1])),
    }),
    text: plusMinus(estimate),
  };
}

/** The error of a run; of a diverged one where it was last known, if it ever was. */
export function runError(run: Run, choice: EpochChoice): RunError | undefined {
  const row = run.diverged ? lastFiniteEpoch(run) : selectEpoch(run, choice);
  return row && {
    seed: run.seed,
    epoch: row.epoch,
    error: compact(100 * row.testError),
    diverged: run.diverged,
  };
}
