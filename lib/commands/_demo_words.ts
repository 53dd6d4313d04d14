import {
  describeFinding,
  estimateMean,
  findings,
  type PairedDifference,
  pairedDifference,
} from "../statistics/mod.ts";
import { groupRuns, type Run, selectEpoch } from "../plots/mod.ts";
import type { EpochRow } from "../train/mod.ts";

/** The epochs that stand for a run. */
const CHOICES = ["last", "best"] as const;

/**
 * What rows of SGD and SAM say, a sentence for the last epoch and one for the best, over the seeds of
 * which both runs are there; both are tests of one figure.
 */
export function demoFindings(rows: readonly EpochRow[]): string[] {
  const pairs = pairsOf(rows);
  if (pairs.length === 0) return [];
  const compared = CHOICES.map((choice) => {
    const [sgd, sam] = [0, 1].map((index) =>
      pairs.map((pair) => selectEpoch(pair[index]!, choice)!.testError)
    );
    return { sgd: sgd!, sam: sam!, difference: pairedDifference(sgd!, sam!) };
  });
  const found = findings(compared.map(({ difference }): PairedDifference => difference));
  return CHOICES.map((choice, index) => {
    const { sgd, sam } = compared[index]!;
    const where = choice === "last" ? "After the last epoch" : "At the best epoch";
    return `${where}: SGD ${percent(mean(sgd))}, SAM ${percent(mean(sam))} test error; SAM is ` +
      `${describeFinding(found[index]!)}`;
  });
}

/** How the sentences of {@linkcode demoFindings} are to be read. */
export const READING =
  "Points are percentage points of the difference SAM − SGD over pairs of equal " +
  "seeds, with Student's 95 % interval. “Lower” and “higher” are said where p, corrected by Holm " +
  "for both sentences, is at most 0.05; one pair says nothing about the spread. The best epoch is " +
  "chosen on the test images.";

/** SGD's and SAM's run of each seed of which both are finished and finite. */
function pairsOf(rows: readonly EpochRow[]): [sgd: Run, sam: Run][] {
  if (rows.length === 0) return [];
  const bySeed = Map.groupBy(groupRuns(rows), ({ seed }) => seed);
  return Array.from(bySeed.values()).flatMap((runs): [Run, Run][] => {
    const sgd = runs.find(({ rho }) => rho === 0);
    const sam = runs.find(({ rho }) => rho > 0);
    return sgd && sam && !sgd.diverged && !sam.diverged ? [[sgd, sam]] : [];
  });
}

function mean(values: readonly number[]): number {
  return estimateMean(values).value;
}

/** A share in per cent with one digit. */
export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}
