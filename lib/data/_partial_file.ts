/** The unfinished file of a download. @module */
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { DataError } from "./data_error.ts";

/**
 * A file that grows under a name of its own, is held by one process at a time, and takes its final
 * name in one step when it is whole. Left unfinished, it stays on disk to be continued.
 */
export class PartialFile {
  #size: number;
  readonly path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile, size: number) {
    this.path = path;
    this.#file = file;
    this.#size = size;
  }

  /** Opens or creates the file; waits while another process holds it. */
  static async open(path: string, signal?: AbortSignal): Promise<PartialFile> {
    for (;;) {
      signal?.throwIfAborted();
      const file = await onDisk(
        path,
        () => Deno.open(path, { create: true, read: true, write: true }),
      );
      // A file system without locks (some cluster mounts) is used without.
      const locked = await file.tryLock(true).catch(() => true);
      // The holder may have renamed or removed the file while we opened it: then open the new one.
      if (locked && await isStillAt(path, file)) {
        return new PartialFile(path, file, (await file.stat()).size);
      }
      file.close();
      await delay(100, undefined, { signal }).catch(() => {});
    }
  }

  /** Bytes written so far, by this process or an earlier one. */
  get size(): number {
    return this.#size;
  }

  /** Writes at the end. */
  async append(chunk: Uint8Array): Promise<void> {
    await onDisk(this.path, async () => {
      await this.#file.seek(this.#size, Deno.SeekMode.Start);
      for (let at = 0; at < chunk.length;) {
        const written = await this.#file.write(chunk.subarray(at));
        at += written;
        this.#size += written;
      }
    });
  }

  /** Throws away what was written. */
  async restart(): Promise<void> {
    await onDisk(this.path, () => this.#file.truncate(0));
    this.#size = 0;
  }

  sha256(): Promise<string> {
    return sha256OfFile(this.path);
  }

  /** Gives the file its final name, replacing what is there; on disk before the name changes. */
  async moveTo(destination: string): Promise<void> {
    await onDisk(destination, async () => {
      await this.#file.sync();
      await Deno.rename(this.path, destination);
    });
  }

  /** Lets the file go. An empty one is not worth keeping; the lock holds until it is removed. */
  [Symbol.dispose](): void {
    try {
      if (this.#size === 0) Deno.removeSync(this.path);
    } catch {
      // Whatever hindered the download hinders this too, and has been reported.
    }
    this.#file.close();
  }
}

/** The sha256 of a file in hexadecimal, read in pieces. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await onDisk(path, async () => {
    const file = await Deno.open(path);
    for await (const chunk of file.readable) hash.update(chunk);
  });
  return hash.digest("hex");
}

/** Runs a file operation; its failure becomes a `DataError` that names the path and the remedy. */
export async function onDisk<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
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

async function isStillAt(path: string, file: Deno.FsFile): Promise<boolean> {
  const [here, there] = [await file.stat(), await Deno.stat(path).catch(() => undefined)];
  return there !== undefined && here.ino === there.ino && here.dev === there.dev;
}
