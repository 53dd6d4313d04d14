import type { EvaluatedRow } from "../train/mod.ts";

/** One line for each setting: its last and best test error so far, over the seeds. */
export function demoTable(rows: readonly EvaluatedRow[]): string[][] {
  const settings = Map.groupBy(rows, (row) => settingOf(row));
  const body = Array.from(settings, ([name, rows]) => {
    const runs = Array.from(Map.groupBy(rows, ({ seed }) => seed).values());
    const last = runs.map((run) => run.at(-1)!);
    const best = runs.map((run) => Math.min(...run.map(({ testError }) => testError)));
    return [
      name,
      String(runs.length),
      String(last.at(-1)!.epoch),
      percent(mean(last.map(({ trainError }) => trainError)), 1),
      percent(mean(last.map(({ testError }) => testError)), 1),
      percent(mean(best), 1),
    ];
  });
  return [["", "seeds", "epoch", "train error", "test error", "best"], ...body];
}

/** The end of a run in a line. */
export function demoLine(row: EvaluatedRow, seconds: number): string {
  return `${settingOf(row)}, seed ${row.seed}: test error ${percent(row.testError, 1)} ` +
    `(${seconds.toFixed(0)} s)`;
}

function settingOf({ method, labelNoise }: EvaluatedRow): string {
  return `${method}, ${percent(labelNoise)} wrong labels`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percent(fraction: number, digits = 0): string {
  return `${(100 * fraction).toFixed(digits)} %`;
}
