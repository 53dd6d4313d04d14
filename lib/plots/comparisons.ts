import {
  type Estimate,
  estimateMean,
  type Finding,
  findings,
  pairedDifference,
  pairedReduction,
  resampledDifference,
} from "../statistics/mod.ts";
import { type EpochChoice, type Run, selectEpoch } from "./select_epochs.ts";

/** Runs that differ in their seeds alone, with their name in sentences: "SAM (ρ = 0.1)". */
export interface RunGroup {
  readonly name: string;
  readonly runs: readonly Run[];
}

/** Two settings to compare, under what both have in common. */
export interface Pairing {
  /** What sets this comparison's data apart from the others' of the figure; may be empty. */
  readonly condition: string;
  /** What the data of all comparisons of the figure have in common. */
  readonly shared?: string;
  readonly treated: RunGroup;
  readonly baseline: RunGroup;
  /** Entries of the configuration that are compared; in precision pairs differ only where it is one. */
  readonly changed?: readonly string[];
}

/** What may be said of two settings. */
export interface Comparison extends Pairing {
  /** Of the errors `treated − baseline`, paired by seed; corrected by Holm for the whole figure. */
  readonly finding: Finding;
  /** By which share the error is lowered; none where the baseline makes no error. */
  readonly reduction?: Estimate;
  /** Mean error of the runs that are in a pair. */
  readonly errors: { readonly treated: Estimate; readonly baseline: Estimate };
  /** The difference with an interval for other seeds and other test images together. */
  readonly resampled?: Estimate;
}

/** What comparisons let one choose. */
export interface ComparisonOptions {
  /**
   * The epoch whose test error counts for a run. Default "last": no label has chosen it. With "best"
   * there are neither intervals nor verdicts: from what test images have chosen nothing is concluded.
   */
  readonly epoch?: EpochChoice;
  /**
   * Which test images a run has wrong after its last epoch, 1 for each, in the same order for all runs, by the run's
   * identity; where all runs of a comparison of last epochs have them, it has a resampled interval.
   */
  readonly wrongImages?: (run: string) => ArrayLike<number> | undefined;
}

/**
 * Compares settings that form a figure: each pair over the seeds that both have, all p-values
 * corrected together. Diverged runs are in no pair, and without a pair there is no comparison.
 *
 * ```ts
 * import { plots } from "sam";
 *
 * const run = (method: string, seed: number, testError: number) => ({
 *   ...{ dataset: "synthetic", model: "own", method, rho: 0, labelNoise: 0, seed, epoch: 1 },
 *   ...{ trainLoss: 1, trainError: 0.3, testLoss: 1, testError },
 * });
 * const sgd = [0.25, 0.26, 0.24].map((error, seed) => run("SGD", seed, error));
 * const sam = [0.2, 0.22, 0.21].map((error, seed) => run("SAM", seed, error));
 * const treated = { name: "SAM", runs: plots.groupRuns(sam) };
 * const baseline = { name: "SGD", runs: plots.groupRuns(sgd) };
 * const comparisons = plots.compare([{ condition: "", treated, baseline }]);
 * console.log(comparisons[0]!.errors.treated.value); // 0.21
 * ```
 *
 * @throws RangeError if one group has a seed twice: its runs then differ in more than their seeds; and for
 *   a pair of different machines or precisions, where a seed is another draw
 */
export function compare(
  pairings: readonly Pairing[],
  { epoch = "last", wrongImages }: ComparisonOptions = {},
): Comparison[] {
  const compared = pairings.flatMap((pairing) => {
    const [treated, baseline] = [bySeed(pairing.treated), bySeed(pairing.baseline)];
    const pairs = [...baseline].flatMap(([seed, base]) => {
      const other = treated.get(seed);
      if (other !== undefined) requireAlike(base, other, pairing);
      const errors = [base, other].map((run) => run && selectEpoch(run, epoch)?.testError);
      return errors.includes(undefined)
        ? []
        : [{ base, other: other!, errors: errors as number[] }];
    });
    if (pairs.length === 0) return [];
    const errorsOf = (index: number) => pairs.map(({ errors }) => errors[index]!);
    const [before, after] = [errorsOf(0), errorsOf(1)];
    const onlyValue = epoch === "best";
    const reduction = withoutInterval(pairedReduction(before, after), onlyValue);
    const resampled = epoch === "last" ? resample(pairs, wrongImages) : undefined;
    return [{
      ...pairing,
      difference: withoutInterval(pairedDifference(before, after), onlyValue)!,
      ...reduction && { reduction },
      errors: { treated: estimateMean(after), baseline: estimateMean(before) },
      ...resampled && { resampled },
    }];
  });
  const found = findings(compared.map(({ difference }) => difference));
  return compared.map(({ difference: _, ...rest }, index) => ({ ...rest, finding: found[index]! }));
}

/** An estimate by itself, where its interval and p would claim more than may be said. */
function withoutInterval<T extends Estimate>(
  estimate: T | undefined,
  isWithout: boolean,
): T | Estimate | undefined {
  return isWithout && estimate ? { value: estimate.value, n: estimate.n } : estimate;
}

function bySeed({ name, runs }: RunGroup): Map<number, Run> {
  const found = new Map(runs.map((run) => [run.seed, run]));
  if (found.size === runs.length) return found;
  throw new RangeError(
    `Cannot pair the ${runs.length} runs of ${name}: they have ${found.size} seeds, so that they ` +
      "differ in other settings too",
  );
}

/** What rounding depends on: pairs have it in common. */
function requireAlike(base: Run, other: Run, { treated, baseline, changed = [] }: Pairing): void {
  const precisionOf = ({ settings: { precision } }: Run) =>
    changed.includes("precision") ? undefined : precision;
  for (
    const [first, second] of [
      [other.trainedOn, base.trainedOn],
      [precisionOf(other), precisionOf(base)],
    ]
  ) {
    if (first === undefined || second === undefined || first === second) continue;
    throw new RangeError(
      `Cannot pair the runs of ${treated.name} and ${baseline.name} with seed ${base.seed}: they are ` +
        `of ${first} and of ${second}, where a seed is another draw. Train both on one machine in one ` +
        "precision",
    );
  }
}

function resample(
  pairs: readonly { readonly base: Run; readonly other: Run }[],
  wrongImages: ComparisonOptions["wrongImages"],
): Estimate | undefined {
  const imagesOf = (runs: readonly Run[]) => runs.map(({ id }) => id && wrongImages?.(id));
  const [base, other] = [
    imagesOf(pairs.map(({ base }) => base)),
    imagesOf(pairs.map(({ other }) => other)),
  ];
  const isWhole = (all: typeof base): all is ArrayLike<number>[] => all.every(Boolean);
  return pairs.length > 1 && isWhole(base) && isWhole(other)
    ? resampledDifference(base, other)
    : undefined;
}
