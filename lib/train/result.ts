import os from "node:os";
import { join } from "node:path";
import { backend } from "../tensorflow/mod.ts";
import { readIfThere, writeDurably, writing } from "../system/mod.ts";

const RESULT_FILE = "result.json";

/** What is known about a finished run besides its rows: `result.json` in its folder. */
export interface RunResult {
  /** Digest of the final parameters. */
  readonly sha256: string;
  /** Seconds of training and evaluation; unknown for a run that was resumed. */
  readonly seconds?: number;
  /** Date and time of its end, ISO 8601. */
  readonly finished: string;
  /** Processor and number of cores. */
  readonly machine: string;
  /** TensorFlow's version. */
  readonly tensorflow: string;
}

/** Marks a run as finished. */
export async function writeResult(
  folder: string,
  { sha256, seconds }: Pick<RunResult, "sha256" | "seconds">,
): Promise<RunResult> {
  const result: RunResult = {
    sha256,
    ...seconds !== undefined && { seconds: Math.round(seconds * 10) / 10 },
    finished: new Date().toISOString(),
    machine: `${os.cpus().length} × ${os.cpus()[0]?.model ?? os.arch()}`,
    tensorflow: String(backend.binding.TF_Version),
  };
  const text = JSON.stringify(result, undefined, 2) + "\n";
  const path = join(folder, RESULT_FILE);
  await writing(path, () => writeDurably(path, [new TextEncoder().encode(text)]));
  return result;
}

/**
 * The result of a run; undefined if it is not finished.
 *
 * @throws Deno.errors.InvalidData for a file that is damaged
 */
export async function readResult(folder: string): Promise<RunResult | undefined> {
  const path = join(folder, RESULT_FILE);
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Deno.errors.InvalidData(
      `Cannot read ${path}: it is not JSON; remove it, and the run is trained to its end again`,
      { cause },
    );
  }
}
