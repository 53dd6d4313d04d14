/** Whether draws are as frequent as they should be. @module */
import { assert } from "@std/assert";
import jstat from "jstat";

/** A right distribution is refused once in ten thousand seeds; tests have one. */
const SIGNIFICANCE = 1e-4;
/** Bins with fewer counts are taken together. */
const LEAST = 20;

/** Asserts by a chi-square test that two samples, counted in the same bins, can be of one distribution. */
export function assertSameCounts(
  found: readonly number[],
  other: readonly number[],
  what: string,
): void {
  const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
  const pairs = found.map((count, bin) => [count, other[bin]!] as const);
  const isRare = ([a, b]: readonly [number, number]) => a + b < LEAST;
  const rare = pairs.filter(isRare);
  const pooled = [sum(rare.map(([a]) => a)), sum(rare.map(([, b]) => b))] as const;
  const bins = [...pairs.filter((pair) => !isRare(pair)), ...sum(pooled) > 0 ? [pooled] : []];
  const ratio = Math.sqrt(sum(other) / sum(found));
  const statistic = sum(bins.map(([a, b]) => (a * ratio - b / ratio) ** 2 / (a + b)));
  assertLikely(statistic, bins.length - 1, what);
}

/** Asserts by a chi-square test that all bins are equally likely. */
export function assertUniform(found: readonly number[], what: string): void {
  const expected = found.reduce((a, b) => a + b, 0) / found.length;
  const statistic = found.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  assertLikely(statistic, found.length - 1, what);
}

/** Asserts by Kolmogorov and Smirnov's test that numbers are of a distribution. */
export function assertDistribution(
  found: readonly number[],
  distribution: (value: number) => number,
  what: string,
): void {
  const sorted = [...found].sort((a, b) => a - b);
  const distance = Math.max(...sorted.map((value, index) => {
    const share = distribution(value);
    return Math.max(share - index / sorted.length, (index + 1) / sorted.length - share);
  }));
  const limit = Math.sqrt(-Math.log(SIGNIFICANCE / 2) / (2 * sorted.length));
  assert(distance < limit, `${what}: the distance is ${distance}, above ${limit}`);
}

function assertLikely(statistic: number, degreesOfFreedom: number, what: string): void {
  if (degreesOfFreedom === 0) return;
  const p = 1 - jstat.chisquare.cdf(statistic, degreesOfFreedom);
  assert(
    p > SIGNIFICANCE,
    `${what}: chi-square is ${
      statistic.toFixed(1)
    } at ${degreesOfFreedom} degrees of freedom (p ${p})`,
  );
}
