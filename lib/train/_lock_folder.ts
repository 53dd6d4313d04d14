/** Another process trains in the folder. */
export class FolderInUseError extends Error {
  override readonly name = "FolderInUseError";
}

/**
 * Keeps other processes from training in a folder until the result is disposed. The lock dies with
 * its process. On systems that cannot lock folders (Windows, some network file systems) it does
 * nothing.
 *
 * @throws FolderInUseError if another process has locked the folder
 */
export async function lockFolder(folder: string): Promise<Disposable> {
  const file = await Deno.open(folder, { read: true }).catch(() => undefined);
  if (await file?.tryLock(true).catch(() => true) === false) {
    file?.close();
    throw new FolderInUseError(
      `Cannot train in ${folder}: another process is training there. Wait for it, or choose ` +
        "another output folder",
    );
  }
  return { [Symbol.dispose]: () => file?.close() };
}
