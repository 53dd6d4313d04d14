import type { EvaluatedRow } from "../train/mod.ts";
import { percent } from "./_demo_words.ts";

/** One line for each method, recorded and here: its last and best test error so far, over the seeds. */
export function demoTable(
  recorded: readonly EvaluatedRow[],
  here: readonly EvaluatedRow[],
): string[][] {
  return [
    ["", "seeds", "epoch", "test error", "best epoch's"],
    ...linesOf(recorded, "recorded"),
    ...linesOf(here, "here"),
  ];
}

/** The end of a run in a line. */
export function demoLine({ method, seed, testError }: EvaluatedRow, seconds: number): string {
  return `${method}, seed ${seed}: test error ${percent(testError)} (${seconds.toFixed(0)} s)`;
}

function linesOf(rows: readonly EvaluatedRow[], where: string): string[][] {
  return Array.from(Map.groupBy(rows, ({ method }) => method), ([method, rows]) => {
    const runs = Array.from(Map.groupBy(rows, ({ seed }) => seed).values());
    const last = runs.map((run) => run.at(-1)!);
    const best = runs.map((run) => Math.min(...run.map(({ testError }) => testError)));
    return [
      `${method}, ${where}`,
      String(runs.length),
      String(last.at(-1)!.epoch),
      percent(mean(last.map(({ testError }) => testError))),
      percent(mean(best)),
    ];
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
