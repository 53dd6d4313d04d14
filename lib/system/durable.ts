import { dirname } from "node:path";
import { reasonOf } from "./reason.ts";

/**
 * Puts a file under its name only when it is whole and on the disk: written to `<path>.tmp`,
 * flushed, renamed, and the folder flushed. On failure nothing of it remains, and a file that was
 * under the name stays as it was.
 */
export async function writeDurably(path: string, pieces: Iterable<Uint8Array>): Promise<void> {
  const temporary = `${path}.tmp`;
  await refuseFolder(temporary);
  try {
    {
      using file = await Deno.open(temporary, { write: true, create: true, truncate: true });
      for (const piece of pieces) {
        for (let done = 0; done < piece.length;) done += await file.write(piece.subarray(done));
      }
      await file.sync();
    }
    await Deno.rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}

/**
 * Text of a file; undefined where there is none.
 *
 * @throws Deno.errors.InvalidData for what is not a file: a pipe would never end
 */
export async function readIfThere(path: string): Promise<string | undefined> {
  const found = await Deno.stat(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  if (found === undefined) return undefined;
  if (found.isFile) return await Deno.readTextFile(path);
  throw new Deno.errors.InvalidData(
    `Cannot read ${path}: it is ${found.isDirectory ? "a folder" : "not a file"}. Remove it`,
  );
}

/**
 * Text of a file that somebody names.
 *
 * @param what it is, in the error
 * @throws Deno.errors.NotFound if there is none
 * @throws Deno.errors.InvalidData for what is not a file: a pipe would never end
 */
export async function readNamed(what: string, path: string | URL): Promise<string> {
  const found = await Deno.stat(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  if (found === undefined) {
    throw new Deno.errors.NotFound(`Cannot read the ${what} ${path}: there is no such file`);
  }
  if (!found.isFile) {
    const kind = found.isDirectory ? "a folder" : "not a file";
    throw new Deno.errors.InvalidData(`Cannot read the ${what} ${path}: it is ${kind}`);
  }
  return await Deno.readTextFile(path);
}

/** @throws Error if a folder lies where a file is to be written */
export async function refuseFolder(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch(() => undefined);
  if (found?.isDirectory) throw new Error(`${path} is a folder: remove it`);
}

/** Flushes a folder's list of names to the disk, where the system can (Windows cannot). */
async function syncFolder(folder: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using file = await Deno.open(folder, { read: true });
  await file.sync();
}

/** Names what could not be written, which the error of a full disk does not. */
export async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    throw unwritable(path, reasonOf(cause), cause);
  }
}

/** An error of a file that could not be written. */
export function unwritable(path: string, reason: string, cause: unknown): Error {
  return new Error(
    `Cannot write ${path}: ${reason}. Once this is fixed, the same command goes on; or choose ` +
      "another output folder",
    { cause },
  );
}
