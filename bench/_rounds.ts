/** Something that is timed against others. */
export interface Contestant {
  readonly label: string;
  /** Runs that many steps and returns the milliseconds of each. */
  run(steps: number): Promise<{ readonly ms: readonly number[] }>;
}

/** How long a contest lasts. */
export interface RoundsOptions {
  /** Steps that each contestant runs first, not counted. */
  readonly warmUp?: number;
  readonly rounds?: number;
  /** Steps of a contestant in each round. */
  readonly steps?: number;
  /** Pause before each turn in milliseconds, in which the last one's threads stop spinning. */
  readonly pause?: number;
  /** Called after each turn, for progress. */
  readonly onTurn?: (label: string, round: number, ms: readonly number[]) => void;
}

/** How long a contestant took, in milliseconds a step. */
export interface Timing {
  readonly label: string;
  readonly median: number;
  readonly minimum: number;
  readonly ms: readonly number[];
}

/**
 * Times contestants in rounds in turn: a machine that gets busier or hotter meanwhile does so for
 * all of them. Each round begins with the next contestant, so that none always follows the same.
 */
export async function inRounds(
  contestants: readonly Contestant[],
  options: RoundsOptions = {},
): Promise<Timing[]> {
  const { warmUp = 3, rounds = 5, steps = 3, pause = 300, onTurn = () => {} } = options;
  if (!(rounds >= 1 && steps >= 1)) {
    throw new RangeError(`Cannot time ${rounds} rounds of ${steps} steps: both must be >= 1`);
  }
  if (warmUp > 0) {
    for (const each of contestants) onTurn(each.label, 0, (await each.run(warmUp)).ms);
  }
  const times = contestants.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const index = (round + turn) % contestants.length;
      const contestant = contestants[index]!;
      await new Promise((resolve) => setTimeout(resolve, pause));
      const { ms } = await contestant.run(steps);
      times[index]!.push(...ms);
      onTurn(contestant.label, round + 1, ms);
    }
  }
  return contestants.map(({ label }, i) => timing(label, times[i]!));
}

/** Median and minimum of measured times. */
export function timing(label: string, ms: readonly number[]): Timing {
  return { label, median: median(ms), minimum: Math.min(...ms), ms };
}

/** The middle one, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half];
  const lower = sorted.length % 2 === 1 ? upper : sorted[half - 1];
  if (upper === undefined || lower === undefined) {
    throw new RangeError("Cannot take the median of no values: give at least one");
  }
  return (lower + upper) / 2;
}
