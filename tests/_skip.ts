/**
 * Tests that need what is not everywhere, and the reason where they are skipped. `run.ts` prints the
 * reasons at its end.
 *
 * @module
 */

/** What is missing for a test, as a reason; undefined where nothing is. */
export type Missing = string | undefined;

/** For tests of signals and of limits that a shell sets. */
export const missingPosix: Missing = Deno.build.os === "windows"
  ? "Windows has neither POSIX signals nor ulimit"
  : undefined;

/** For tests that fill up a file system of their own. */
export async function missingMount(): Promise<Missing> {
  const args = ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"];
  const mounted = await new Deno.Command("unshare", { args, stderr: "null" }).output()
    .catch(() => undefined);
  return mounted?.success ? undefined : "this user may not mount a file system";
}

/** Names the file to which each skipped test's name and reason are appended, as lines of JSON. */
export const REASONS_FILE = "SAM_TEST_REASONS";

/** Registers a test, which is skipped where something is missing for it. */
export function testUnless(
  missing: Missing,
  name: string,
  fn: (t: Deno.TestContext) => void | Promise<void>,
): void {
  const reasons = Deno.env.get(REASONS_FILE);
  if (missing !== undefined && reasons !== undefined) {
    Deno.writeTextFileSync(reasons, JSON.stringify([name, missing]) + "\n", { append: true });
  }
  Deno.test({ name, ignore: missing !== undefined, fn });
}
