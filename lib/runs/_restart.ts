import { join } from "node:path";
import { writing } from "../system/mod.ts";
import { folderName } from "../train/mod.ts";

/** Retraining an experiment from the start, by one process or by several at once. */
export interface Restart extends Disposable {
  /** Whether the run in a folder was begun by this restart, in whichever process. */
  hasBegun(folder: string): Promise<boolean>;
  /** Notes that it was. */
  begin(folder: string): Promise<void>;
}

/** In a run's folder: which restart began it. */
const MARK = "restart";

/**
 * Begins a restart of an experiment, or joins the one that another process has begun. A restart ends
 * with the process that began it; a process that comes later begins another.
 */
export async function joinRestart(outputDir: string, experiment: string): Promise<Restart> {
  await Deno.mkdir(outputDir, { recursive: true });
  const path = join(outputDir, `.restart_${folderName(experiment)}`);
  // One after another: who comes while another begins is not to read the restart before.
  using turn = await Deno.open(`${path}.turn`, { create: true, write: true });
  // A file system without locks has no other process that could be joined.
  await turn.lock(true).catch(() => {});
  const file = await Deno.open(path, { create: true, read: true, write: true });
  let id: string;
  if (await file.tryLock(true).catch(() => true)) {
    id = crypto.randomUUID();
    await file.truncate(0);
    await file.write(new TextEncoder().encode(id));
  } else {
    id = await Deno.readTextFile(path);
  }
  return {
    hasBegun: async (folder) =>
      await Deno.readTextFile(join(folder, MARK)).catch(ignoreMissing) === id,
    begin: (folder) =>
      writing(join(folder, MARK), () => Deno.writeTextFile(join(folder, MARK), id)),
    [Symbol.dispose]: () => file.close(),
  };
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
