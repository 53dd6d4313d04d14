import { join } from "node:path";
import { METRICS_FILE, readMetricsIfThere, type TaskRow } from "../metrics/mod.ts";
import { CONFIG_FILE, readEntries } from "./_config_file.ts";

import { FolderInUseError, requireFree } from "./_lock_folder.ts";
import { ConfigError } from "./config.ts";
import { readResult, type RunResult } from "./result.ts";
import { fromStored } from "./stored_config.ts";

/** What a run left in its folder so far. */
export interface KeptRun {
  readonly folder: string;
  /** Of `train` with all defaults; of a task of one's own, what that said of itself. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly rows: readonly TaskRow[];
  /** Of a finished run. */
  readonly result?: RunResult;
  /** Whether a process is training it. */
  readonly isTraining: boolean;
}

/**
 * Reads what a run left in its folder, finished or not; undefined if the folder holds none.
 *
 * ```ts
 * import { train } from "sam";
 *
 * const run = await train.readKeptRun(await Deno.makeTempDir()); // undefined: it holds no run
 * console.log(run?.rows.length);
 * ```
 *
 * @throws Deno.errors.InvalidData for files that are damaged
 */
export async function readKeptRun(folder: string): Promise<KeptRun | undefined> {
  const entries = await readEntries(folder);
  if (entries === undefined) return undefined;
  const result = await readResult(folder);
  return {
    folder,
    config: configIn(entries),
    rows: await readMetricsIfThere<TaskRow>(join(folder, METRICS_FILE)) ?? [],
    ...result && { result },
    isTraining: await isInUse(folder),
  };
}

/**
 * The folders of runs at or below a folder, in the order of their paths.
 *
 * ```ts
 * import { train } from "sam";
 *
 * const folder = await Deno.makeTempDir(); // such as `runs`
 * for await (const path of train.runFolders(folder)) {
 *   console.log(path, (await train.readKeptRun(path))?.rows.length);
 * }
 * ```
 */
export async function* runFolders(folder: string): AsyncGenerator<string> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  if (entries.some(({ name, isFile }) => isFile && name === CONFIG_FILE)) return yield folder;
  const names = entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
  for (const name of names.sort()) yield* runFolders(join(folder, name));
}

/** Entries that no version of `train` wrote are those of a task of one's own. */
function configIn(entries: Readonly<Record<string, unknown>>): KeptRun["config"] {
  try {
    return { ...fromStored(entries) };
  } catch (error) {
    if (error instanceof ConfigError) return entries;
    throw error;
  }
}

async function isInUse(folder: string): Promise<boolean> {
  try {
    await requireFree(folder);
    return false;
  } catch (error) {
    if (error instanceof FolderInUseError) return true;
    throw error;
  }
}
