/**
 * The run's `metrics.jsonl`: one JSON line per epoch, its row and whatever numbers the run adds. A
 * number that JSON cannot hold (the loss of a diverged run) is `null` in the file and NaN when read;
 * a figure that the epoch was not evaluated for is absent in both.
 */
import { isRecord, readIfThere, writeDurably } from "../system/mod.ts";
import type { EpochRow, TaskRow } from "./rows.ts";

/** Appends rows to a metrics file until it is closed. */
export interface MetricsWriter extends Disposable {
  /** Writes a row; it is on the disk when the promise resolves. */
  append<Row extends TaskRow>(row: Row): Promise<void>;
  close(): void;
}

const TEXTS = ["dataset", "model", "method"] as const;
const NUMBERS = ["rho", "labelNoise", "seed", "epoch", "trainLoss"] as const;

/**
 * Opens a metrics file to append to. Rows after `resumedEpoch` are dropped first (all of them by
 * default), and so is a last line that a killed process left torn: a resumed run's file equals that
 * of a run that was never stopped, if each row is appended before the epoch's checkpoint is saved.
 */
export async function openMetrics(
  path: string,
  { resumedEpoch = 0 }: { resumedEpoch?: number } = {},
): Promise<MetricsWriter> {
  const old = await readIfThere(path) ?? "";
  const lines = resumedEpoch > 0 ? parseLines(old, path) : [];
  const kept = lines.filter(({ row }) => row.epoch <= resumedEpoch);
  const text = kept.map((line) => `${line.text}\n`).join("");
  if (text !== old) await writeDurably(path, [new TextEncoder().encode(text)]);
  const file = await Deno.open(path, { append: true, create: true });
  let open = true;
  const close = () => {
    if (open) file.close();
    open = false;
  };
  return {
    async append(row) {
      const line = new TextEncoder().encode(`${JSON.stringify(row)}\n`);
      for (let done = 0; done < line.length;) done += await file.write(line.subarray(done));
      await file.sync();
    },
    close,
    [Symbol.dispose]: close,
  };
}

/** Name of the file in a run's folder. */
export const METRICS_FILE = "metrics.jsonl";

/**
 * Reads the rows of a metrics file, also while it is written: a torn last line is left out.
 *
 * ```ts
 * import { train } from "sam";
 *
 * const path = await Deno.makeTempFile();
 * const labels = { dataset: "own", model: "own", method: "SAM", rho: 0.1, labelNoise: 0, seed: 0 };
 * await Deno.writeTextFile(path, JSON.stringify({ ...labels, epoch: 1, trainLoss: 0.5 }) + "\n");
 * const [row] = await train.readMetrics<train.TaskRow>(path);
 * console.log(row!.trainLoss); // 0.5
 * ```
 *
 * @typeParam Row what the run's rows are known to be; default those of a classifier
 * @throws Deno.errors.NotFound if there is no such file
 * @throws Deno.errors.InvalidData for a line that is not a row, with its number
 */
export async function readMetrics<Row extends TaskRow = EpochRow>(path: string): Promise<Row[]> {
  const rows = await readMetricsIfThere<Row>(path);
  if (rows !== undefined) return rows;
  throw new Deno.errors.NotFound(`Cannot read ${path}: there is no such file`);
}

/** The same; undefined where there is no such file. */
export async function readMetricsIfThere<Row extends TaskRow = EpochRow>(
  path: string,
): Promise<Row[] | undefined> {
  const text = await readIfThere(path);
  return text === undefined ? undefined : parseLines(text, path).map(({ row }) => row as Row);
}

interface Line {
  readonly text: string;
  readonly row: TaskRow;
}

function parseLines(text: string, path: string): Line[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.flatMap((text, i) => {
    const where = `${path}, line ${i + 1}`;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      if (i === lines.length - 1) return [];
      throw new Deno.errors.InvalidData(
        `Cannot read ${where}: it is not JSON; remove the line, or restart`,
        { cause: error },
      );
    }
    return [{ text, row: parseRow(value, where) }];
  });
}

function parseRow(value: unknown, where: string): TaskRow {
  if (!isRecord(value)) {
    const found = JSON.stringify(value).slice(0, 40);
    throw new Deno.errors.InvalidData(`Cannot read ${where}: ${found} is not a row of an epoch`);
  }
  const row: Record<string, unknown> = { ...value };
  const wrong = (name: string, expected: string) =>
    new Deno.errors.InvalidData(
      `Cannot read ${where}: ${name} is ${JSON.stringify(row[name])}, expected a ${expected}`,
    );
  const texts: readonly string[] = TEXTS;
  const figures = Object.keys(row).filter((name) => !texts.includes(name));
  for (const name of new Set([...NUMBERS, ...figures])) {
    if (row[name] === null) row[name] = NaN;
    if (typeof row[name] !== "number") throw wrong(name, "number");
  }
  for (const name of TEXTS) {
    if (typeof row[name] !== "string") throw wrong(name, "string");
  }
  return row as unknown as TaskRow;
}
