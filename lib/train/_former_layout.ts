import { dirname, join } from "node:path";
import { CONFIG_FILE, readConfig } from "./_config_file.ts";
import type { TrainConfig } from "./train_config.ts";
import { folderName, runFolder, runId } from "./identity.ts";

/**
 * Refuses to train a run anew that an earlier version kept in another folder: `train` in one without the
 * identity (`…/rho_0.05/seed_0`), `sweep` in `sam-rho_0.05-seed_0-<identity>` beside the `lr_…`.
 *
 * @throws Error with the command that moves it
 */
export async function refuseFormerFolder(outputDir: string, config: TrainConfig): Promise<void> {
  const folder = join(outputDir, runFolder(config));
  if (await Deno.stat(join(folder, CONFIG_FILE)).then(() => true, () => false)) return;
  const id = runId(config);
  for (const former of await formerFolders(outputDir, config)) {
    // What cannot be read is no run that this one could be.
    const found = await readConfig(former).catch(() => undefined);
    if (found === undefined || runId(found) !== id) continue;
    throw new Error(
      `Cannot train in ${folder}: the same run is in ${former}, where an earlier version kept it. ` +
        `Move it, and the same command goes on with it: mkdir -p "${dirname(folder)}" && ` +
        `mv "${former}" "${folder}"; or restart, and it is trained anew`,
    );
  }
}

/** Where earlier versions may have kept a run. */
async function formerFolders(outputDir: string, config: TrainConfig): Promise<string[]> {
  const { dataset, model, seed } = config;
  const ofTrain = join(outputDir, dirname(runFolder(config)), `seed_${seed}`);
  const shared = join(outputDir, folderName(dataset), model);
  const names = await Array.fromAsync(Deno.readDir(shared), ({ name }) => name).catch(() => []);
  const ofSweep = new RegExp(`-seed_${seed}-[0-9a-f]{12}$`);
  const ofSweeps = names.filter((name) => ofSweep.test(name)).map((name) => join(shared, name));
  return [ofTrain, ...ofSweeps];
}
