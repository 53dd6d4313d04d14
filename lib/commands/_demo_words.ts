import {
  describeFinding,
  estimateMean,
  findings,
  type PairedDifference,
  pairedDifference,
} from "../statistics/mod.ts";
import { groupRuns, type Run, selectEpoch } from "../plots/mod.ts";
import type { EpochRow } from "../train/mod.ts";
import { METHODS } from "./_demo_runs.ts";

/**
 * What rows of the methods say after the last epoch, a sentence of SAM beside each rival, over the seeds of
 * which both runs are there; all are tests of one figure.
 */
export function demoFindings(rows: readonly EpochRow[]): string[] {
  const compared = RIVALS.flatMap(({ method, name }) => {
    const pairs = pairsOf(rows, method);
    if (pairs.length === 0) return [];
    const [rival, sam] = [0, 1].map((index) =>
      pairs.map((pair) => selectEpoch(pair[index]!, "last")!.testError)
    );
    return [{ name, rival: rival!, sam: sam!, difference: pairedDifference(rival!, sam!) }];
  });
  const found = findings(compared.map(({ difference }): PairedDifference => difference));
  return compared.map(({ name, rival, sam }, index) =>
    `Beside ${name}, ${percent(mean(rival))} test error, SAM, ${percent(mean(sam))}, is ` +
    describeFinding(found[index]!)
  );
}

/** What SAM is compared with, and its name in a sentence. */
const RIVALS = [
  { method: METHODS[0], name: "SGD" },
  { method: METHODS[1], name: "SGD of twice the epochs, which takes as much computation" },
] as const;

/** How the sentences of {@linkcode demoFindings} are to be read. */
export const READING =
  "Errors are those after the last epoch. Points are percentage points of the difference SAM − SGD " +
  "over pairs of equal seeds, with Student's 95 % interval. “Lower” and “higher” are said where p, " +
  "corrected by Holm for both sentences, is at most 0.05; one pair says nothing about the spread. The " +
  "best epoch in the table is chosen on the test images, and nothing is concluded from it.";

/** A rival's and SAM's run of each seed of which both are there and finite. */
function pairsOf(rows: readonly EpochRow[], rival: string): [rival: Run, sam: Run][] {
  if (rows.length === 0) return [];
  const bySeed = Map.groupBy(groupRuns(rows), ({ seed }) => seed);
  return Array.from(bySeed.values()).flatMap((runs): [Run, Run][] => {
    const [other, sam] = [rival, METHODS[2]].map((name) =>
      runs.find(({ method, diverged }) => method === name && !diverged)
    );
    return other && sam ? [[other, sam]] : [];
  });
}

function mean(values: readonly number[]): number {
  return estimateMean(values).value;
}

/** A share in per cent with one digit. */
export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}
