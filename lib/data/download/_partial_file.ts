/** The unfinished file of a download. @module */
import { sha256OfFile } from "../../system/mod.ts";
import { openLocked } from "./_locked_file.ts";
import { onDisk } from "./_on_disk.ts";

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
    const file = await openLocked(path, signal);
    return new PartialFile(path, file, (await file.stat()).size);
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
    return onDisk(this.path, () => sha256OfFile(this.path));
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
