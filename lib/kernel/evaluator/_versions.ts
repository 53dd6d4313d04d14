/** Every test of the kernel passes with these; it builds on parts of Deno that no other promises. */
export const TESTED_DENO: readonly string[] = ["2.9.5", "2.9.6"];
/** Set to 1, a kernel starts with any Deno. */
export const ANY_DENO = "DENO_KERNEL_ANY_DENO";

/**
 * Refuses a Deno that the kernel was not tested with: its outputs and interrupts reach into Deno's
 * own kernel, which changes between versions.
 *
 * @param action what is refused
 * @throws Error with the versions that can be used
 */
export function requireTestedDeno(action: string, version: string = Deno.version.deno): void {
  if (TESTED_DENO.includes(version) || Deno.env.get(ANY_DENO) === "1") return;
  throw new Error(
    `Cannot ${action} with Deno ${version}: it was tested with ${TESTED_DENO.join(" and ")}; use ` +
      `\`deno upgrade ${TESTED_DENO.at(-1)}\`, or set ${ANY_DENO}=1 to try all the same`,
  );
}
