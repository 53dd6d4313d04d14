import { dirname, join } from "node:path";

/** The folder of the deno.json that applies to a folder: its own, or the nearest above it. */
export function configFolder(folder: string): string | undefined {
  for (const name of ["deno.json", "deno.jsonc"]) {
    try {
      if (Deno.statSync(join(folder, name)).isFile) return folder;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  const parent = dirname(folder);
  return parent === folder ? undefined : configFolder(parent);
}
