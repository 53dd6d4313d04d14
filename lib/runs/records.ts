/**
 * Finished runs in one small file, to be committed beside the notebook that shows them: JSON lines,
 * one for each run, losses and errors to six significant digits.
 *
 * @module
 */
import { writeDurably } from "../train/durable.ts";
import { defaultConfig, type EpochRow, methodOf, type TrainConfig } from "../train/mod.ts";
import { changesOf, runId } from "./identity.ts";
import type { RunResult } from "./result.ts";

/** A finished run. */
export interface FinishedRun {
  readonly config: TrainConfig;
  readonly result: RunResult;
  readonly rows: readonly EpochRow[];
}

const MEASURED = ["trainLoss", "trainError", "testLoss", "testError"] as const;

/** A line of the file. Epochs count from 1; a number that JSON cannot hold is null. */
interface RecordLine {
  readonly config: Partial<TrainConfig>;
  readonly result: RunResult;
  readonly epochs: { readonly [name in typeof MEASURED[number]]: readonly (number | null)[] };
}

/** Writes a file of finished runs, or replaces it. */
export async function writeRecords(path: string, runs: Iterable<FinishedRun>): Promise<void> {
  const lines = Array.from(runs, (run) => `${JSON.stringify(lineOf(run))}\n`);
  await writeDurably(path, [new TextEncoder().encode(lines.join(""))]);
}

/**
 * Reads finished runs by identity.
 *
 * @throws Deno.errors.NotFound if there is no such file
 * @throws Deno.errors.InvalidData for a line that is no record, with its number
 */
export async function readRecords(path: string | URL): Promise<Map<string, FinishedRun>> {
  const lines = (await Deno.readTextFile(path)).split("\n").filter((line) => line !== "");
  return new Map(lines.map((line, index) => {
    const run = parseLine(line, `${path}, line ${index + 1}`);
    return [runId(run.config), run];
  }));
}

function lineOf({ config, result, rows }: FinishedRun): RecordLine {
  const column = (name: typeof MEASURED[number]) =>
    rows.map((row) => Number.isFinite(row[name]) ? Number(row[name].toPrecision(6)) : null);
  const epochs = Object.fromEntries(MEASURED.map((name) => [name, column(name)]));
  return { config: changesOf(config), result, epochs: epochs as unknown as RecordLine["epochs"] };
}

function parseLine(text: string, where: string): FinishedRun {
  const invalid = (reason: string, cause?: unknown) =>
    new Deno.errors.InvalidData(`Cannot read ${where}: ${reason}`, { cause });
  let line: Partial<RecordLine>;
  try {
    line = JSON.parse(text);
  } catch (cause) {
    throw invalid("it is not JSON", cause);
  }
  const { config: changes, result, epochs } = line;
  if (!changes || !result || !epochs) throw invalid("config, result or epochs are missing");
  const config: TrainConfig = { ...defaultConfig, ...changes };
  for (const name of MEASURED) {
    const found = epochs[name]?.length;
    if (found !== config.epochs) {
      throw invalid(`${name} has ${found} values for ${config.epochs} epochs`);
    }
  }
  const { dataset, model, samRho: rho, labelNoise, seed } = config;
  const labels = { dataset, model, method: methodOf(config), rho, labelNoise, seed };
  const rows = Array.from({ length: config.epochs }, (_, index) => {
    const measured = MEASURED.map((name) => [name, epochs[name][index] ?? NaN]);
    return { ...labels, epoch: index + 1, ...Object.fromEntries(measured) };
  });
  return { config, result, rows };
}
