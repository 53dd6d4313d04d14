/**
 * Installing into the cache folder: nothing or all of it, whenever the process may die.
 *
 * Everything is written into a work folder and renamed into place at the end. A lock that dies with
 * its process keeps two set-ups apart, and so its holder may remove the work folders that it finds.
 */
import { type Command, reasonOf, sha256OfFile } from "../../system/mod.ts";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { installFolder, RECORD } from "./locate.ts";
import { downloadWheel, findPip } from "./_pip.ts";
import type { Transfer, TransferProgress } from "../../terminal/mod.ts";
import { unzip } from "./_unzip.ts";
import { TENSORFLOW_VERSION, type Wheel, type WheelDevice, wheelName } from "./_wheels.ts";

const WORK_PREFIX = "setup-";

/** Runs `action` with an empty work folder while no other set-up works in `cache`. */
export async function withWorkFolder<T>(
  cache: string,
  { progress, signal }: { progress: TransferProgress; signal?: AbortSignal },
  action: (work: string) => Promise<T>,
): Promise<T> {
  using lock = await openLock(cache).catch((error) => refuse(cache, error));
  for (let tries = 0; !await lock.tryLock(true).catch((error) => refuse(cache, error)); tries++) {
    if (tries === 0) progress.message("Waiting for another setup that is running");
    await delay(200, undefined, { signal });
  }
  for await (const entry of Deno.readDir(cache)) {
    if (entry.name.startsWith(WORK_PREFIX)) await remove(join(cache, entry.name));
  }
  const work = await Deno.makeTempDir({ dir: cache, prefix: WORK_PREFIX });
  try {
    return await action(work);
  } finally {
    await remove(work);
  }
}

async function openLock(cache: string): Promise<Deno.FsFile> {
  await Deno.mkdir(cache, { recursive: true });
  return await Deno.open(join(cache, "setup.lock"), { write: true, create: true });
}

/** A folder that cannot be written, or lies on a network file system without locks. */
function refuse(cache: string, cause: unknown): never {
  const reason = reasonOf(cause);
  throw new Error(
    `Cannot lock the cache folder ${cache}: ${reason}; ` +
      `set SAM_CACHE_DIR to a folder on a local disk that you may write to`,
    { cause },
  );
}

/** What {@link installWheels} needs. */
export interface InstallOptions {
  cache: string;
  work: string;
  device: WheelDevice;
  wheels: readonly Wheel[];
  downloaders: readonly Command[];
  progress: TransferProgress;
  signal?: AbortSignal;
}

/** Downloads, verifies and unpacks all wheels, then puts the result in its place at once. */
export async function installWheels(options: InstallOptions): Promise<void> {
  const { cache, work, device, wheels } = options;
  const files: string[] = [];
  for (const wheel of wheels) files.push(await fetchWheel(wheel, options));
  for (const [index, wheel] of wheels.entries()) await unpack(files[index]!, wheel, options);
  // Before the last step, so that a kill cannot leave them behind a complete installation.
  for (const file of files) await remove(file);
  await Deno.remove(join(cache, "wheels")).catch(() => "other wheels are kept there");
  const origin = wheels.map(({ file, sha256 }) => ({ file, sha256 }));
  await publish(cache, work, device, { version: TENSORFLOW_VERSION, wheels: origin });
}

/** Puts `work`/tree with its record where installations are looked for. */
export async function publish(
  cache: string,
  work: string,
  device: WheelDevice,
  record: Record<string, unknown>,
): Promise<void> {
  const tree = join(work, "tree");
  await Deno.mkdir(tree, { recursive: true });
  await Deno.writeTextFile(join(tree, RECORD), JSON.stringify(record, null, 2) + "\n");
  await flush(join(tree, RECORD));
  await flushFolders(tree);
  const folder = installFolder(cache, device);
  // A folder cannot be renamed over one that is not empty: an older installation steps aside.
  await Deno.rename(folder, join(work, "old")).catch(ignoreMissing);
  await Deno.rename(tree, folder);
  await flush(cache);
}

async function unpack(file: string, wheel: Wheel, options: InstallOptions): Promise<void> {
  const { work, progress, signal } = options;
  const { name, version } = wheelName(wheel.file);
  let task: Transfer | undefined;
  let complete = false;
  try {
    await unzip(file, join(work, "tree"), wheel.entries, {
      signal,
      onProgress(done, total) {
        task ??= progress.begin(`Unpacking ${name} ${version}`, total);
        task.update(done);
      },
    });
    complete = true;
  } finally {
    task?.end(complete);
  }
}

/** Returns a verified wheel: one that an interrupted set-up left, or a fresh download. */
async function fetchWheel(wheel: Wheel, options: InstallOptions): Promise<string> {
  const folder = join(options.cache, "wheels");
  const path = join(folder, wheel.file);
  const kept = await sha256OfFile(path).catch(ignoreMissing);
  if (kept === wheel.sha256) return path;
  const pip = await findPip(options.downloaders, options.work);
  const fresh = await downloadWheel(wheel, { ...options, pip, work: join(options.work, "pip") });
  const actual = await sha256OfFile(fresh);
  if (actual !== wheel.sha256) {
    await remove(fresh);
    throw new Error(
      `Cannot use ${wheel.file}: its sha256 is ${actual}, expected ${wheel.sha256}; ` +
        `the file was removed, run the command again or check pip's index settings`,
    );
  }
  await Deno.mkdir(folder, { recursive: true });
  await Deno.rename(fresh, path);
  return path;
}

async function flush(path: string): Promise<void> {
  using file = await Deno.open(path);
  await file.sync();
}

async function flushFolders(folder: string): Promise<void> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) await flushFolders(join(folder, entry.name));
  }
  await flush(folder);
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch(ignoreMissing);
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Deno.errors.NotFound) return undefined;
  throw error;
}
