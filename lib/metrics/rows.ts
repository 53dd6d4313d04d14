/** How a run is named in rows, metrics and plots. */
export type RunLabels = {
  readonly dataset: string;
  readonly model: string;
  /** "SGD", "SAM", … as it stands in a legend. */
  readonly method: string;
  /** Radius of the SAM neighbourhood; 0 for the base optimizer. */
  readonly rho: number;
  /** Share of training labels replaced by a wrong one, in [0, 1]. */
  readonly labelNoise: number;
  readonly seed: number;
};

/**
 * One epoch of one run of any task: a line of the run's `metrics.jsonl`. Besides the labels there are
 * means over the epoch's steps of what the loss measures (`trainLoss`; `perplexity` is
 * `trainPerplexity`) and what an evaluation measures (`testLoss`, `testPerplexity`).
 */
export type TaskRow = RunLabels & {
  /** Epochs finished, from 1. */
  readonly epoch: number;
  readonly trainLoss: number;
  readonly [figure: string]: number | string | undefined;
};

/**
 * One epoch of one run of a classifier: a line of the run's `metrics.jsonl`, and what tables and plots
 * are made of.
 *
 * Losses are mean cross-entropies without weight decay, errors are fractions in [0, 1], top-1 unless
 * their name says otherwise. A figure that an epoch was not evaluated for is absent.
 */
export type EpochRow = RunLabels & {
  /** Epochs finished, from 1. */
  readonly epoch: number;
  /** Mean over the epoch's steps, of augmented batches; SAM's at the perturbed parameters. */
  readonly trainLoss: number;
  readonly trainError: number;
  /**
   * Of the test (or validation) set, by what the run is judged by: the moving average of the
   * parameters where one is kept, else the parameters.
   */
  readonly testLoss?: number;
  readonly testError?: number;
  readonly testTop5Error?: number;
  /** The same of images held out of the training set, where both are evaluated. */
  readonly validationLoss?: number;
  readonly validationError?: number;
  readonly validationTop5Error?: number;
  /** The same as `test…` at the last parameters, where `test…` is the moving average's. */
  readonly lastTestLoss?: number;
  readonly lastTestError?: number;
  readonly lastTestTop5Error?: number;
  /** Of the training set without augmentation, at the last parameters, by the labels trained on. */
  readonly evalOnTrainLoss?: number;
  readonly evalOnTrainError?: number;
  readonly evalOnTrainTop5Error?: number;
  /** The same over the examples with true labels alone, where others have wrong ones. */
  readonly evalOnTrueLabelsLoss?: number;
  readonly evalOnTrueLabelsError?: number;
  /** Over those with wrong labels, by the wrong label: 1 − error is the share learned by heart. */
  readonly evalOnWrongLabelsLoss?: number;
  readonly evalOnWrongLabelsError?: number;
  /** Over those with wrong labels, by the true label: 1 − error is the share seen through. */
  readonly evalOnCorrectedLabelsLoss?: number;
  readonly evalOnCorrectedLabelsError?: number;
};

/** Names of what each epoch measures. */
export const TRAIN_FIGURES = ["trainLoss", "trainError"] as const;

/** Names of what an evaluation measures. */
export const EVALUATION_FIGURES = [
  "testLoss",
  "testError",
  "testTop5Error",
  "validationLoss",
  "validationError",
  "validationTop5Error",
  "lastTestLoss",
  "lastTestError",
  "lastTestTop5Error",
  "evalOnTrainLoss",
  "evalOnTrainError",
  "evalOnTrainTop5Error",
  "evalOnTrueLabelsLoss",
  "evalOnTrueLabelsError",
  "evalOnWrongLabelsLoss",
  "evalOnWrongLabelsError",
  "evalOnCorrectedLabelsLoss",
  "evalOnCorrectedLabelsError",
] as const;

/** What an evaluation adds to an epoch's row. */
export type Evaluated = Pick<EpochRow, typeof EVALUATION_FIGURES[number]>;

/** The row of an epoch that was evaluated on the test set. */
export type EvaluatedRow = EpochRow & { readonly testLoss: number; readonly testError: number };

/**
 * Whether an epoch was evaluated, which may have shown that its figures are not numbers.
 *
 * ```ts
 * import { train } from "sam";
 *
 * const best = (rows: readonly train.EpochRow[]) =>
 *   Math.min(...rows.filter(train.isEvaluated).map(({ testError }) => testError));
 * console.log(best([])); // Infinity
 * ```
 */
export function isEvaluated(row: EpochRow): row is EvaluatedRow {
  return row.testLoss !== undefined && row.testError !== undefined;
}

/**
 * Whether an epoch, counted from 1, is one that is evaluated. The last one always is: the reference
 * evaluates multiples alone, and leaves the end of a run of other length without a figure.
 *
 * ```ts
 * import { train } from "sam";
 *
 * console.log(train.isEvaluationDue(7, { epochs: 7, evaluateEvery: 5 })); // true
 * ```
 */
export function isEvaluationDue(
  epoch: number,
  { epochs, evaluateEvery = 1 }: { readonly epochs: number; readonly evaluateEvery?: number },
): boolean {
  return epoch % evaluateEvery === 0 || epoch === epochs;
}

/** The name of a figure in a row: `error` of `test` is `testError`. */
export function figureName(prefix: string, name: string): string {
  return `${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** What a row has besides its figures. */
const LABELS = ["dataset", "model", "method", "rho", "labelNoise", "seed", "epoch"];

/** The figures of a row, in its order. */
export function figuresOf(row: TaskRow): [name: string, value: number][] {
  return Object.entries(row).filter((entry): entry is [string, number] =>
    typeof entry[1] === "number" && !LABELS.includes(entry[0])
  );
}
