/**
 * Finds real data for tests: `SAM_DATA_DIR` holds one folder for each data set.
 *
 * @module
 */
import { join } from "node:path";
import type { Missing } from "./_skip.ts";

/** Where real data lies, or why it does not. */
export interface TestData {
  /** Give this to `testUnless`. */
  readonly missing: Missing;
  /** The folder of the data set; names nothing where it is missing. */
  readonly path: string;
  /** The folder above: a loader's `dataDir`. */
  readonly dataDir: string;
}

/**
 * The folder `SAM_DATA_DIR/<name>`. If the variable is set and the folder is not there where `CI` is
 * "true", that is an error, lest nobody notices that nothing was tested.
 */
export function testData(name: string): TestData {
  const dataDir = Deno.env.get("SAM_DATA_DIR") ?? "";
  const path = join(dataDir, name);
  if (dataDir === "") return { missing: `${name}: SAM_DATA_DIR is not set`, path, dataDir };
  if (isDirectory(path)) return { missing: undefined, path, dataDir };

  const missing = `SAM_DATA_DIR is ${dataDir}, which has no folder ${name}`;
  if (Deno.env.get("CI") !== "true") return { missing, path, dataDir };
  throw new Error(
    `Cannot test ${name} in CI: ${missing}; set it to the folder with the real data, or unset it`,
  );
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
