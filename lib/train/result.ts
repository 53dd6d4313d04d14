import os from "node:os";
import { join } from "node:path";
import { codeVersion, commitOf, readIfThere, writeDurably, writing } from "../system/mod.ts";
import { backend, instructionSet } from "../tensorflow/mod.ts";
import type { Outcome } from "./task.ts";

const RESULT_FILE = "result.json";

/** What is known about a finished run besides its rows: `result.json` in its folder. */
export interface RunResult extends Outcome {
  /** Digest of the final parameters. */
  readonly sha256: string;
  /** Seconds of training and evaluation; unknown for a run that was resumed. */
  readonly seconds?: number;
  /** Date and time of its end, ISO 8601. */
  readonly finished: string;
  /** Processor and number of cores. */
  readonly machine: string;
  /** The widest instruction set of the processor, such as AVX512_BF16, where it can be told. */
  readonly instructionSet?: string;
  /** Threads that share an operation. */
  readonly threads?: number;
  /** TensorFlow's version. */
  readonly tensorflow: string;
  /** Whether TensorFlow may use oneDNN. */
  readonly oneDnn?: boolean;
  /** Commit of this module's source code; unknown outside a clone. */
  readonly commit?: string;
  /** Digest of that source code, or where it was fetched from: it differs where the clone was changed. */
  readonly code?: string;
}

/** Marks a run as finished. */
export async function writeResult(
  folder: string,
  { sha256, seconds, testRight }: Pick<RunResult, "sha256" | "seconds" | keyof Outcome>,
): Promise<RunResult> {
  const result: RunResult = {
    sha256,
    ...seconds !== undefined && { seconds: Math.round(seconds * 10) / 10 },
    finished: new Date().toISOString(),
    machine: `${os.cpus().length} × ${os.cpus()[0]?.model ?? os.arch()}`,
    ...optional("instructionSet", instructionSet()),
    threads: Number(Deno.env.get("TF_NUM_INTRAOP_THREADS")) || os.availableParallelism(),
    tensorflow: String(backend.binding.TF_Version),
    oneDnn: Deno.env.get("TF_ENABLE_ONEDNN_OPTS") !== "0",
    ...optional("commit", commitOf()),
    code: codeVersion().slice(0, 12),
    ...optional("testRight", testRight),
  };
  const text = JSON.stringify(result, undefined, 2) + "\n";
  const path = join(folder, RESULT_FILE);
  await writing(path, () => writeDurably(path, [new TextEncoder().encode(text)]));
  return result;
}

function optional<Name extends string, T>(name: Name, value: T | undefined) {
  return value === undefined ? {} : { [name]: value } as { [Key in Name]: T };
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
