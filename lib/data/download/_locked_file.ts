/** A file that one process at a time holds. @module */
import { setTimeout as delay } from "node:timers/promises";
import { onDisk } from "./_on_disk.ts";

/**
 * Opens or creates a file and locks it; waits while another process holds it. The lock ends when the
 * file is closed, at the latest with the process. A file system without locks (some cluster mounts) is
 * used without.
 */
export async function openLocked(path: string, signal?: AbortSignal): Promise<Deno.FsFile> {
  for (;;) {
    signal?.throwIfAborted();
    const file = await onDisk(
      path,
      () => Deno.open(path, { create: true, read: true, write: true }),
    );
    const locked = await file.tryLock(true).catch(() => true);
    // The holder may have renamed or removed the file while we opened it: then open the new one.
    if (locked && await isStillAt(path, file)) return file;
    file.close();
    await delay(100, undefined, { signal }).catch(() => {});
  }
}

/** Holds a lock by the name of a file, which is removed with it. */
export async function lock(path: string, signal?: AbortSignal): Promise<Disposable> {
  const file = await openLocked(path, signal);
  return {
    [Symbol.dispose]() {
      try {
        Deno.removeSync(path);
      } catch {
        // Without the right to remove it, the empty file stays, and is locked again next time.
      }
      file.close();
    },
  };
}

async function isStillAt(path: string, file: Deno.FsFile): Promise<boolean> {
  const [here, there] = [await file.stat(), await Deno.stat(path).catch(() => undefined)];
  return there !== undefined && here.ino === there.ino && here.dev === there.dev;
}
