/** The project's own Jupyter for tests: with `CI=true` it is installed, else only used if there. */
import {
  LAB_PACKAGES,
  labEnvironment,
  labPrograms,
  prepareLab,
  TEST_PACKAGES,
} from "../lib/commands/_lab_environment.ts";
import { installKernel } from "../lib/kernel/mod.ts";
import { findChromium } from "../lib/reports/mod.ts";
import type { Missing } from "./_skip.ts";

/** Why tests that need Jupyter are left out. */
export const missingLab: Missing =
  Deno.env.get("CI") === "true" || isFile(`${labEnvironment()}/installed.txt`)
    ? undefined
    : "there is no .venv/lab; deno task lab --setup-only makes it";

/** Why tests that need Jupyter and a browser are left out. */
export const missingBrowser: Missing = missingLab ??
  (findChromium() === undefined ? "there is no Chromium" : undefined);

/** The folder of Jupyter's programs, complete and with the kernel. */
export async function testLab(): Promise<string> {
  // deno-lint-ignore no-console -- it takes minutes the first time
  await prepareLab(labEnvironment(), console.log, [...LAB_PACKAGES, ...TEST_PACKAGES]);
  await installKernel({ prefix: labEnvironment() });
  return labPrograms(labEnvironment());
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
