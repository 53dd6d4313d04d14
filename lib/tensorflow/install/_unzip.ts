/** Unpacking chosen entries of a zip file: entry by entry, against a list of allowed names. */
import { reasonOf } from "../../system/mod.ts";
import { dirname, join } from "node:path";
import yauzl from "yauzl";

/** The part of yauzl that is used here; the package ships no types. */
interface ZipFile {
  eachEntry(): AsyncIterable<ZipEntry>;
  openReadStreamPromise(entry: ZipEntry): Promise<AsyncIterable<Uint8Array>>;
  close(): void;
}
interface ZipEntry {
  readonly fileName: string;
  readonly uncompressedSize: number;
}
interface OpenZip {
  openPromise(path: string, options: { autoClose: boolean }): Promise<ZipFile>;
}
const openZip = (yauzl as OpenZip).openPromise;

/** Options of {@link unzip}. */
export interface UnzipOptions {
  /** Called with the number of bytes written so far and in all. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/**
 * Unpacks the entries of `archive` that match `entries` into `folder` and flushes them to the disk.
 *
 * A string allows exactly that name, a pattern all names that match. Nothing else is written; an
 * archive with a name that points outside its folder is refused as a whole. Throws if something in
 * the list matches no entry.
 */
export async function unzip(
  archive: string,
  folder: string,
  entries: readonly (string | RegExp)[],
  options: UnzipOptions = {},
): Promise<void> {
  const { onProgress, signal } = options;
  const zip = await openZip(archive, { autoClose: false }).catch((error) => refuse(archive, error));
  try {
    const chosen = await choose(zip, entries);
    const total = chosen.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
    let done = 0;
    for (const entry of chosen) {
      using file = await create(join(folder, entry.fileName));
      for await (const chunk of await zip.openReadStreamPromise(entry)) {
        signal?.throwIfAborted();
        for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
        onProgress?.(done += chunk.length, total);
      }
      await file.sync();
    }
  } catch (error) {
    signal?.throwIfAborted();
    return refuse(archive, error);
  } finally {
    zip.close();
  }
}

/** Reads the whole directory before anything is written, so that a bad archive writes nothing. */
async function choose(zip: ZipFile, entries: readonly (string | RegExp)[]): Promise<ZipEntry[]> {
  const missing = new Set(entries);
  const chosen: ZipEntry[] = [];
  for await (const entry of zip.eachEntry()) {
    const rule = entries.find((rule) => matches(rule, entry.fileName));
    if (rule === undefined) continue;
    missing.delete(rule);
    chosen.push(entry);
  }
  if (missing.size > 0) throw new Error(`it holds no ${[...missing].join(", ")}`);
  return chosen;
}

function matches(rule: string | RegExp, name: string): boolean {
  if (name.split("/").some((part) => part === "" || part === "." || part === "..")) return false;
  return typeof rule === "string" ? rule === name : rule.test(name);
}

async function create(path: string): Promise<Deno.FsFile> {
  await Deno.mkdir(dirname(path), { recursive: true });
  // The archive's own mode bits are not trusted; programs get the right to run by their place.
  const mode = path.includes("/bin/") ? 0o755 : 0o644;
  return await Deno.open(path, { write: true, createNew: true, mode });
}

function refuse(archive: string, cause: unknown): never {
  const reason = reasonOf(cause);
  throw new Error(`Cannot unpack ${archive}: ${reason}`, { cause });
}
