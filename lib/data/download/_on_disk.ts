/** Errors of files, with their paths and remedies. @module */
import { reasonOf } from "../../system/mod.ts";
import { DataError } from "../data_error.ts";

/** Runs a file operation; its failure becomes a `DataError` that names the path and the remedy. */
export async function onDisk<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new DataError(`Cannot use ${path}: ${reason}; ${remedyFor(cause)}`, path, { cause });
  }
}

function remedyFor(cause: unknown): string {
  if (cause instanceof Deno.errors.NotCapable) return "run Deno with the permission that it names";
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const elsewhere = "choose another folder with dataDir or SAM_DATA_DIR";
  return code === "ENOSPC" || code === "EDQUOT"
    ? `free some disk space and run again (the download goes on where it stopped), or ${elsewhere}`
    : `make the folder readable and writable, or ${elsewhere}`;
}
