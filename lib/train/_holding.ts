import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { METRICS_FILE } from "../metrics/mod.ts";
import { CONFIG_FILE, ConfigMismatchError } from "./_config_file.ts";
import { hasCheckpoint } from "./checkpoint.ts";

/** What a folder holds when a run is begun or resumed in it. */
export type Holding = "nothing" | "the run" | "another run's start";

/**
 * Compares the entries by which the run in a folder is known with those of the one to be trained. A run
 * of another configuration that ended before its first checkpoint and epoch, as by a file that cannot
 * be decoded, does not hold the folder.
 *
 * @param found what the folder's `config.json` says, if it is there
 * @throws ConfigMismatchError if another run holds the folder, or one that is not known
 */
export async function holdingOf(
  folder: string,
  found: Readonly<Record<string, unknown>> | undefined,
  wanted: Readonly<Record<string, unknown>>,
): Promise<Holding> {
  if (found === undefined) {
    if (!await hasProgress(folder)) return "nothing";
    throw new ConfigMismatchError(
      "itself",
      `Cannot go on in ${folder}: it holds a run without its ${CONFIG_FILE}, which says what run it is. ` +
        "Put that back, choose another folder, or restart",
    );
  }
  const names = [...Object.keys(wanted), ...Object.keys(found)];
  const other = names.find((name) => !isDeepStrictEqual(found[name], wanted[name]));
  if (other === undefined) return "the run";
  if (!await hasProgress(folder)) return "another run's start";
  throw new ConfigMismatchError(
    other,
    `Cannot go on in ${folder}: it holds a run with ${other} ${textOf(found[other])}, not ` +
      `${textOf(wanted[other])}. Choose another folder, or restart`,
  );
}

function textOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : `${value}`;
}

/** Whether a run has left anything in a folder that another one would go on from. */
async function hasProgress(folder: string): Promise<boolean> {
  const metrics = await Deno.stat(join(folder, METRICS_FILE)).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  return (metrics?.size ?? 0) > 0 || await hasCheckpoint(folder);
}
