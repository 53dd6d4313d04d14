import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { refuseFolder, writing } from "../system/mod.ts";

/** Another process trains in the folder. */
export class FolderInUseError extends Error {
  override readonly name = "FolderInUseError";
}

/** In a locked folder: who has locked it. Only the lock itself tells whether anybody has. */
export const OWNER_FILE = "lock.json";

/** Milliseconds within which a process has written its name after it locked a folder. */
const UNTIL_NAMED = 100;

/**
 * Keeps other processes from training in a folder until the result is disposed. The lock dies with
 * its process. On systems that cannot lock folders (Windows, some network file systems) it keeps
 * nobody away.
 *
 * The folder is made where there is none, and removed in the end if nothing was put into it.
 *
 * @throws FolderInUseError if another process has locked the folder, with its pid and host
 */
export async function lockFolder(folder: string): Promise<Disposable> {
  const missing = missingPart(folder);
  await writing(folder, () => Deno.mkdir(folder, { recursive: true }));
  const file = await Deno.open(folder, { read: true }).catch(() => undefined);
  if (await file?.tryLock(true).catch(() => true) === false) {
    file?.close();
    throw await inUse(folder);
  }
  if (file !== undefined && await wasRemoved(folder, file)) {
    file.close();
    return await lockFolder(folder);
  }
  const owner = join(folder, OWNER_FILE);
  const unlock = () => {
    attempt(() => Deno.removeSync(owner));
    for (const path of missing) attempt(() => Deno.removeSync(path));
    file?.close();
  };
  try {
    const text = JSON.stringify({ pid: Deno.pid, host: hostname() }) + "\n";
    await writing(owner, async () => {
      await refuseFolder(owner);
      await Deno.writeTextFile(owner, text);
    });
  } catch (error) {
    unlock();
    throw error;
  }
  return { [Symbol.dispose]: unlock };
}

/**
 * Refuses a folder that another process has locked, before anything is prepared for training in it; only
 * {@linkcode lockFolder} keeps others away.
 *
 * ```ts
 * import { train } from "sam";
 *
 * await train.requireFree(await Deno.makeTempDir()); // nobody trains there
 * ```
 *
 * @throws FolderInUseError
 */
export async function requireFree(folder: string): Promise<void> {
  if (!existsSync(join(folder, OWNER_FILE))) return;
  using file = await Deno.open(folder, { read: true }).catch(() => undefined);
  if (await file?.tryLock(false).catch(() => true) === false) throw await inUse(folder);
}

async function inUse(folder: string): Promise<FolderInUseError> {
  return new FolderInUseError(
    `Cannot train in ${folder}: another process is training there${await ownerOf(folder)}. ` +
      "Wait for it, or choose another output folder",
  );
}

/** As a part of a sentence; nothing where it does not say. */
async function ownerOf(folder: string): Promise<string> {
  // What a process that was killed left is overwritten by then.
  await delay(UNTIL_NAMED);
  try {
    const { pid, host } = JSON.parse(await Deno.readTextFile(join(folder, OWNER_FILE)));
    return ` (pid ${pid} on ${host})`;
  } catch {
    return "";
  }
}

/** Whether another process, which had made it too, removed the folder before it could be locked. */
async function wasRemoved(folder: string, file: Deno.FsFile): Promise<boolean> {
  const there = await Deno.stat(folder).catch(() => undefined);
  return there?.ino !== (await file.stat()).ino;
}

/** The folders of a path that are not there, the deepest first. */
function missingPart(folder: string): string[] {
  const parent = dirname(folder);
  return existsSync(folder) || parent === folder ? [] : [folder, ...missingPart(parent)];
}

/** Folders with something in them stay. */
function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}
