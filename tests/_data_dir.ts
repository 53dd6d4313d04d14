/**
 * Finds real data for tests: `SAM_DATA_DIR` holds one folder for each data set.
 *
 * @module
 */
import { join } from "node:path";

/** Where real data lies, and whether the tests that need it are to be skipped. */
export interface TestData {
  /** Give this to `Deno.test`'s `ignore`. */
  readonly ignore: boolean;
  /** The folder of the data set; names nothing where `ignore` is true. */
  readonly path: string;
  /** The folder above: a loader's `dataDir`. */
  readonly dataDir: string;
}

/**
 * The folder `SAM_DATA_DIR/<name>`. If it is missing, tests are skipped and a line says why; where
 * `CI` is "true" that is an error, lest nobody notices that nothing was tested.
 */
export function testData(name: string): TestData {
  const dataDir = Deno.env.get("SAM_DATA_DIR") ?? "";
  const path = join(dataDir, name);
  if (dataDir !== "" && isDirectory(path)) return { ignore: false, path, dataDir };

  const reason = dataDir === ""
    ? "SAM_DATA_DIR is not set"
    : `SAM_DATA_DIR is ${dataDir}, which has no folder ${name}`;
  if (Deno.env.get("CI") === "true") {
    throw new Error(
      `Cannot test ${name} in CI: ${reason}; set it to the folder with the real data`,
    );
  }
  // deno-lint-ignore no-console -- a skipped test has no other way to say why
  console.warn(`Skipping tests on real ${name}: ${reason}`);
  return { ignore: true, path, dataDir };
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
