/** Official files that are fetched when they are missing. @module */
import { dirname, join } from "node:path";
import { reasonOf } from "../../system/mod.ts";
import { DataError } from "../data_error.ts";
import { download, type DownloadProgress } from "./download.ts";

/** A file that is published with its size and checksum. */
export interface OfficialFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Where it can be had, in order. Plain HTTP is safe: the checksum is pinned. */
  readonly urls: readonly string[];
}

/** What is done about files that are missing. */
export interface ProvideOptions {
  /** Fetch files that are missing. Default true. */
  readonly download?: boolean;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Ensures that a file is in a folder.
 *
 * @throws DataError if it is missing and cannot be fetched
 */
export async function provide(
  file: OfficialFile,
  folder: string,
  { download: allowed = true, onProgress, signal }: ProvideOptions,
): Promise<void> {
  const path = join(folder, file.name);
  if (await isThere(path)) return;
  if (!allowed) throw missing(path, folder);
  await download(file.urls, path, { bytes: file.bytes, sha256: file.sha256, onProgress, signal });
}

/** @throws DataError if the file system cannot tell */
export async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return false;
    const reason = reasonOf(cause);
    throw new DataError(`Cannot look for ${path}: ${reason}`, path, { cause });
  }
}

/** The error of a file that may not be downloaded. */
export function missing(path: string, folder: string): DataError {
  return new DataError(
    `Cannot load the data set: found no ${path}; allow the download, put the official files into ` +
      `${folder}, or point SAM_DATA_DIR to another folder than ${dirname(folder)}`,
    path,
  );
}
