/** The project's own Jupyter for tests: with `CI=true` it is installed, else only used if there. */
import {
  LAB_PACKAGES,
  labEnvironment,
  labPrograms,
  prepareLab,
  TEST_PACKAGES,
} from "../lib/commands/_lab_environment.ts";
import { installKernel } from "../lib/kernel/mod.ts";

/** Whether tests that need Jupyter are left out: `deno task lab --setup-only` brings it. */
export const withoutLab = Deno.env.get("CI") !== "true" &&
  !isFile(`${labEnvironment()}/installed.txt`);

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
