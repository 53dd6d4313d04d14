/** Where data sets lie. @module */
import { join } from "node:path";

/**
 * The folder of one data set: `<dataDir>/<name>`, where `dataDir` is, in this order, the argument,
 * the environment variable `SAM_DATA_DIR`, the project's own `data/`.
 */
export function datasetDirectory(name: string, dataDir?: string): string {
  return join(dataDir ?? (Deno.env.get("SAM_DATA_DIR") || projectData()), name);
}

/** Imported from a URL, the project has no folder of its own: then `data/` where the user works. */
function projectData(): string {
  return import.meta.dirname === undefined ? "data" : join(import.meta.dirname, "../../../data");
}
