import type { EpochRow } from "../../lib/metrics/rows.ts";

/** Which made-up runs to make: the product of all lists. */
export interface SyntheticOptions {
  readonly datasets?: readonly string[];
  readonly models?: readonly string[];
  readonly methods?: readonly { readonly method: string; readonly rho: number }[];
  readonly noises?: readonly number[];
  readonly seeds?: number;
  readonly epochs?: number;
}

/**
 * MADE-UP epochs, in the shape that training gives: nothing here was measured. With label noise
 * the test error falls, then rises while the noise is learnt by heart, less so with a larger rho.
 */
export function syntheticRows({
  datasets = ["made-up"],
  models = ["WRN-10-1"],
  methods = [{ method: "SGD", rho: 0 }, { method: "SAM", rho: 0.1 }],
  noises = [0],
  seeds = 3,
  epochs = 12,
}: SyntheticOptions = {}): EpochRow[] {
  const rows: EpochRow[] = [];
  datasets.forEach((dataset, d) =>
    models.forEach((model) =>
      methods.forEach(({ method, rho }) =>
        noises.forEach((labelNoise) => {
          for (let seed = 0; seed < seeds; seed++) {
            for (let epoch = 1; epoch <= epochs; epoch++) {
              const t = epoch / epochs;
              const jitter = (scale: number) => scale * wave(seed, epoch, rho, labelNoise, d);
              const memorised = labelNoise * t ** 3 * Math.exp(-6 * rho);
              const floor = 0.05 + 0.03 * d - 0.1 * rho * Math.exp(-4 * rho) + 0.12 * labelNoise;
              const testError = floor + 0.45 * Math.exp(-6 * t) + 0.8 * memorised + jitter(0.008);
              const trainError = labelNoise * (1 - t ** 3 * Math.exp(-6 * rho)) +
                0.5 * Math.exp(-7 * t) + jitter(0.004);
              rows.push({
                dataset,
                model,
                method,
                rho,
                labelNoise,
                seed,
                epoch,
                trainLoss: round(0.02 + 2.4 * trainError + jitter(0.02) ** 2),
                trainError: round(clamp(trainError)),
                testLoss: round(0.1 + 2.9 * testError + jitter(0.05)),
                testError: round(clamp(testError)),
              });
            }
          }
        })
      )
    )
  );
  return rows;
}

/** The rows with one run's numbers lost from `epoch` on: what a divergence leaves in the record. */
export function diverge(
  rows: readonly EpochRow[],
  run: Partial<EpochRow>,
  epoch: number,
): EpochRow[] {
  const keys = Object.keys(run) as (keyof EpochRow)[];
  return rows.map((row) =>
    row.epoch >= epoch && keys.every((key) => row[key] === run[key])
      ? { ...row, trainLoss: NaN, testLoss: NaN, trainError: 0.9, testError: 0.9 }
      : row
  );
}

/** A number in [-1, 1] that looks random and is the same on every machine. */
function wave(...parts: readonly number[]): number {
  let hash = 2166136261;
  for (const part of parts) hash = Math.imul(hash ^ Math.round(1000 * part), 16777619) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 2246822507) >>> 0;
  return ((hash ^ (hash >>> 13)) >>> 0) / 2147483647.5 - 1;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function round(value: number): number {
  return Number(value.toFixed(6));
}
