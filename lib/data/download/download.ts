/** Fetches a file of known size and checksum. @module */
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { reasonOf, sha256OfFile } from "../../system/mod.ts";
import { onDisk } from "./_on_disk.ts";
import { PartialFile } from "./_partial_file.ts";
import { DataError } from "../data_error.ts";

/** How far a download has come. */
export interface DownloadProgress {
  /** The file's final name. */
  readonly path: string;
  /** Bytes on disk, those of earlier attempts included. */
  readonly received: number;
  readonly total: number;
}

export interface DownloadOptions {
  /** Expected sha256, hexadecimal. */
  readonly sha256: string;
  /** Expected size; never more is written. */
  readonly bytes: number;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Stops the download; what has come is kept and continued next time. */
  readonly signal?: AbortSignal;
  /** Further attempts at each URL after one that brought nothing new. Default 4. */
  readonly retries?: number;
  /** Milliseconds without a byte after which an attempt is given up. Default 30,000. */
  readonly timeout?: number;
  /** Milliseconds before the first further attempt, doubled before each next one. Default 500. */
  readonly backoff?: number;
}

/** An answer that further attempts at the same URL will not improve. */
class FinalAnswer extends Error {}

/**
 * Downloads one file, from the first of `urls` that gives the right bytes.
 *
 * The bytes gather in `<destination>.partial`, which a later call continues (HTTP Range) if this one
 * is interrupted. Only a file of the right sha256 gets the final name, by an atomic rename; a wrong
 * one is removed. If `destination` is already right, nothing is fetched. Processes that want the
 * same file wait for each other.
 *
 * @example
 * ```ts
 * import { DataError, download } from "../mod.ts";
 *
 * const folder = await Deno.makeTempDir();
 * const options = { sha256: "0".repeat(64), bytes: 10, retries: 0 };
 * try {
 *   await download("http://127.0.0.1:9/a.gz", `${folder}/a.gz`, options); // nobody listens there
 * } catch (error) {
 *   console.assert(error instanceof DataError);
 * }
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @throws {DataError} when no URL gives the file, or the disk refuses it
 */
export async function download(
  urls: string | readonly string[],
  destination: string,
  options: DownloadOptions,
): Promise<void> {
  const { sha256, signal } = options;
  await onDisk(destination, () => Deno.mkdir(dirname(destination), { recursive: true }));
  using partial = await PartialFile.open(`${destination}.partial`, signal);
  if (await isRight(destination, sha256)) return await partial.restart();

  const failures: string[] = [];
  for (const url of [urls].flat()) {
    try {
      await fetchVerified(url, partial, destination, options);
      return await partial.moveTo(destination);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof DataError) throw error;
      failures.push(`${url}: ${reasonOf(error)}`);
    }
  }
  throw new DataError(
    `Cannot download ${destination}: ${failures.join("; ")}; ` +
      `check the network and try again, or put the file there by hand (sha256 ${sha256})`,
    destination,
  );
}

async function fetchVerified(
  url: string,
  partial: PartialFile,
  destination: string,
  options: DownloadOptions,
): Promise<void> {
  // A beginning left by an earlier run may itself be wrong: then once more from nothing.
  for (let untrusted = partial.size > 0;; untrusted = false) {
    await fetchAll(url, partial, destination, options);
    const found = await partial.sha256();
    if (found === options.sha256) return;
    await partial.restart();
    if (!untrusted) throw new Error(`its sha256 is ${found}, expected ${options.sha256}`);
  }
}

/** Attempts until all bytes are there. Attempts that bring the file further are not counted. */
async function fetchAll(
  url: string,
  partial: PartialFile,
  destination: string,
  { bytes, onProgress, signal, retries = 4, timeout = 30_000, backoff = 500 }: DownloadOptions,
): Promise<void> {
  const total = bytes;
  const report = () => onProgress?.({ path: destination, received: partial.size, total });
  let furthest = partial.size;
  for (let failed = 0;;) {
    try {
      return await fetchRest(url, partial, { bytes, signal, timeout, report });
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof DataError || error instanceof FinalAnswer) throw error;
      if (error instanceof Deno.errors.NotCapable) throw error;
      failed = partial.size > furthest ? 0 : failed + 1;
      furthest = Math.max(furthest, partial.size);
      if (failed > retries) throw new Error(`${reasonOf(error)} (${failed} attempts)`);
      await delay(backoff * 2 ** Math.max(0, failed - 1), undefined, { signal });
    }
  }
}

/** One request for the bytes that are missing. */
async function fetchRest(
  url: string,
  partial: PartialFile,
  { bytes, signal, timeout, report }: Pick<DownloadOptions, "bytes" | "signal"> & {
    timeout: number;
    report: () => void;
  },
): Promise<void> {
  if (partial.size > bytes) await partial.restart();
  if (partial.size === bytes) return;
  const stalled = new AbortController();
  const giveUp = () => stalled.abort(new Error(`no data for ${timeout / 1000} s`));
  let timer = setTimeout(giveUp, timeout);
  try {
    const headers = new Headers({ "accept-encoding": "identity" });
    if (partial.size > 0) headers.set("range", `bytes=${partial.size}-`);
    const signals = signal ? [signal, stalled.signal] : [stalled.signal];
    const response = await fetch(url, { headers, signal: AbortSignal.any(signals) });
    await accept(response, partial);
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      if (partial.size + chunk.length > bytes) {
        await partial.restart();
        throw new FinalAnswer(`it sends more than the expected ${bytes} bytes`);
      }
      await partial.append(chunk);
      report();
      timer = setTimeout(giveUp, timeout);
    }
    if (partial.size < bytes) throw new Error(`it ended after ${partial.size} of ${bytes} bytes`);
  } finally {
    clearTimeout(timer);
  }
}

/** Checks that the answer continues what we have; otherwise begins again from nothing. */
async function accept(response: Response, partial: PartialFile): Promise<void> {
  const range = response.headers.get("content-range") ?? "";
  const continues = response.status === 206 && range.startsWith(`bytes ${partial.size}-`);
  if (continues) return;
  if (response.status === 200) {
    if (partial.size > 0) await partial.restart(); // The server knows no ranges.
    return;
  }
  await response.body?.cancel();
  const { status } = response;
  if (status === 206 || status === 416) {
    await partial.restart();
    throw new Error(`HTTP ${status} for a range that it does not have (${range || "none named"})`);
  }
  const temporary = status >= 500 || status === 408 || status === 429;
  throw new (temporary ? Error : FinalAnswer)(`HTTP ${status} ${response.statusText}`.trimEnd());
}

async function isRight(path: string, sha256: string): Promise<boolean> {
  const exists = await Deno.stat(path).then(() => true, () => false);
  return exists && await onDisk(path, () => sha256OfFile(path)) === sha256;
}
