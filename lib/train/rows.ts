/** One epoch of one run: a line of the run's `metrics.jsonl`, and what tables and plots are made of. */
export interface EpochRow {
  readonly dataset: string;
  readonly model: string;
  /** "SGD", "SAM", … as it shall stand in a legend. */
  readonly method: string;
  /** Radius of the SAM neighbourhood; 0 for the base optimizer. */
  readonly rho: number;
  /** Share of training labels replaced by a wrong one, in [0, 1]. */
  readonly labelNoise: number;
  readonly seed: number;
  /** Epochs finished, from 1. */
  readonly epoch: number;
  /** Mean cross-entropy over the epoch's steps, without weight decay. */
  readonly trainLoss: number;
  /** Top-1 error as a fraction in [0, 1]. */
  readonly trainError: number;
  readonly testLoss: number;
  /** Top-1 error as a fraction in [0, 1]. */
  readonly testError: number;
}
