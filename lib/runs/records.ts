/**
 * Finished runs in one small file, to be committed beside the notebook that shows them: JSON lines,
 * one for each run, losses and errors to six significant digits.
 *
 * @module
 */
import { type PackedBits, unpackBits } from "../metrics/mod.ts";
import { readNamed, reasonOf, writeDurably } from "../system/mod.ts";
import {
  changesOf,
  ConfigError,
  type EpochRow,
  EVALUATION_FIGURES,
  fromStored,
  isEvaluationDue,
  methodOf,
  runId,
  type RunResult,
  TRAIN_FIGURES,
  type TrainConfig,
} from "../train/mod.ts";

/** A finished run. */
export interface FinishedRun {
  readonly config: TrainConfig;
  readonly result: RunResult;
  readonly rows: readonly EpochRow[];
}

/** What every run has. */
const REQUIRED = [...TRAIN_FIGURES, "testLoss", "testError"] as const;
const MEASURED = [...TRAIN_FIGURES, ...EVALUATION_FIGURES] as const;
type Figure = typeof MEASURED[number];

/**
 * A line of the file, with a list by epoch, from 1, for each figure that the run has. A number that
 * JSON cannot hold is null, and so are figures of epochs that were not evaluated.
 */
interface RecordLine {
  readonly config: Partial<TrainConfig>;
  readonly result: RunResult;
  readonly epochs: { readonly [name in Figure]?: readonly (number | null)[] };
}

/**
 * Writes a file of finished runs, or replaces it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { runs } from "sam";
 *
 * const [run] = runs.runsOf({ name: "one", base: { epochs: 1 }, seeds: [0] });
 * const { dataset, model, labelNoise, seed } = run!.config;
 * const row = {
 *   ...{ dataset, model, method: "SAM", rho: 0.05, labelNoise, seed, epoch: 1 },
 *   ...{ trainLoss: 0.9, trainError: 0.3, testLoss: 1.1, testError: 0.4 },
 * };
 * const result = { sha256: "", finished: "2026-01-01", machine: "", tensorflow: "2.21.0" };
 * const path = await Deno.makeTempFile();
 * await runs.writeRecords(path, [{ config: run!.config, result, rows: [row] }]);
 * const records = await runs.readRecords(path);
 * assertEquals(records.get(run!.id)?.rows, [row]);
 * await Deno.remove(path);
 * ```
 */
export async function writeRecords(path: string, runs: Iterable<FinishedRun>): Promise<void> {
  const lines = Array.from(runs, (run) => `${JSON.stringify(lineOf(run))}\n`);
  await writeDurably(path, [new TextEncoder().encode(lines.join(""))]);
}

/**
 * Reads finished runs by identity.
 *
 * ```ts
 * import { runs } from "sam";
 *
 * try {
 *   const records = await runs.readRecords("notebooks/experiments/records/noise_robustness.jsonl");
 *   for (const { config, rows } of records.values()) console.log(config.samRho, rows.at(-1)?.testError);
 * } catch (error) {
 *   if (!(error instanceof Deno.errors.NotFound)) throw error; // they are not here
 * }
 * ```
 *
 * @param path a file, or an address of any kind, such as one beside the module of a package
 * @throws Deno.errors.NotFound if there is no such file
 * @throws Deno.errors.InvalidData for a line that is not a record, or is one of the same run as another,
 *   with its number
 */
export async function readRecords(path: string | URL): Promise<Map<string, FinishedRun>> {
  const runs = new Map<string, FinishedRun>();
  const lineOf = new Map<string, number>();
  for (const [index, line] of (await textOf(path)).split("\n").entries()) {
    if (line === "") continue;
    const where = `${path}, line ${index + 1}`;
    const run = parseLine(line, where);
    const id = runId(run.config);
    if (runs.has(id)) {
      throw new Deno.errors.InvalidData(
        `Cannot read ${where}: line ${
          lineOf.get(id)
        } is of the same run, and nothing says which of ` +
          "them is to be believed. Keep one",
      );
    }
    runs.set(id, run);
    lineOf.set(id, index + 1);
  }
  return runs;
}

async function textOf(path: string | URL): Promise<string> {
  if (!(path instanceof URL) || path.protocol === "file:") return await readNamed("records", path);
  const response = await fetch(path);
  if (response.ok) return await response.text();
  throw new Deno.errors.NotFound(`Cannot read ${path}: HTTP ${response.status}`);
}

function lineOf({ config, result, rows }: FinishedRun): RecordLine {
  const digits = (value = NaN) => Number.isFinite(value) ? Number(value.toPrecision(6)) : null;
  const names = MEASURED.filter((name) => rows.some((row) => row[name] !== undefined));
  const columns = names.map((name) => [name, rows.map((row) => digits(row[name]))]);
  return {
    config: changesOf(config),
    result: kept(config, result),
    epochs: Object.fromEntries(columns),
  };
}

/** Of validation images it is not kept which were right: settings are chosen by them, and no more. */
function kept({ evaluateOn }: TrainConfig, { testRight, ...result }: RunResult): RunResult {
  return testRight === undefined || evaluateOn === "validation" ? result : { ...result, testRight };
}

/** The configuration of a record; of this version or an earlier one. */
function storedConfig(
  changes: Partial<TrainConfig>,
  invalid: (reason: string, cause: unknown) => Error,
): TrainConfig {
  try {
    return fromStored(changes);
  } catch (cause) {
    throw cause instanceof ConfigError ? invalid(cause.message, cause) : cause;
  }
}

function parseLine(text: string, where: string): FinishedRun {
  const invalid = (reason: string, cause?: unknown) =>
    new Deno.errors.InvalidData(`Cannot read ${where}: ${reason}`, { cause });
  let line: Partial<RecordLine> | null;
  try {
    line = JSON.parse(text);
  } catch (cause) {
    throw invalid("it is not JSON", cause);
  }
  const { config: changes, result, epochs } = line ?? {};
  if (!changes || !result || !epochs) throw invalid("config, result or epochs are missing");
  const config = storedConfig(changes, invalid);
  for (const name of MEASURED) {
    const found = epochs[name]?.length;
    const isAbsent = found === undefined && !REQUIRED.some((required) => required === name);
    if (!isAbsent && found !== config.epochs) {
      throw invalid(`${name} has ${found} values for ${config.epochs} epochs`);
    }
    const odd = isAbsent ? undefined : epochs[name]!.find((value) => !isFigure(name, value));
    if (odd !== undefined) {
      throw invalid(
        `${name} has the value ${odd}: losses are numbers, errors fractions in [0, 1], and null ` +
          "stands for what no number is",
      );
    }
  }
  const { dataset, model, samRho: rho, labelNoise, seed } = config;
  const labels = { dataset, model, method: methodOf(config), rho, labelNoise, seed };
  const rows = Array.from({ length: config.epochs }, (_, index) => {
    const epoch = index + 1;
    const figures: readonly Figure[] = isEvaluationDue(epoch, config) ? MEASURED : TRAIN_FIGURES;
    const measured = figures.filter((name) => epochs[name] !== undefined)
      .map((name) => [name, epochs[name]![index] ?? NaN]);
    return { ...labels, epoch, ...Object.fromEntries(measured) };
  });
  const said = result.testRight && wrongShare(result.testRight, invalid);
  const measured = rows.at(-1)?.testError ?? NaN;
  if (said !== undefined && Math.abs(said - measured) > 1e-5) {
    throw invalid(
      `by testRight ${said} of the test images are wrong, by testError ${measured} are: one of them is ` +
        "of another run",
    );
  }
  return { config, result, rows };
}

function isFigure(name: Figure, value: unknown): boolean {
  if (value === null) return true;
  return typeof value === "number" && (!name.endsWith("Error") || value >= 0 && value <= 1);
}

/** The share of the test images that a run has wrong after its last epoch. */
function wrongShare(
  testRight: PackedBits,
  invalid: (reason: string, cause: unknown) => Error,
): number {
  try {
    const bits = unpackBits(testRight);
    return 1 - bits.reduce((sum, bit) => sum + bit, 0) / bits.length;
  } catch (cause) {
    throw invalid(`testRight cannot be read: ${reasonOf(cause)}`, cause);
  }
}
