import { boolean, entry } from "../schema/mod.ts";
import { type Output, printer } from "../terminal/mod.ts";
import { readCommandLine } from "./_command.ts";
import { checkMachine, type MachineCheck } from "./_machine_checks.ts";

export const command = {
  name: "doctor",
  about: `Says what works on this machine, and what to do about the rest. An issue report is asked
for what it prints.`,
  flags: {
    "json": entry(boolean(), "As JSON", false),
    "gpu": entry(boolean(), "A step of SAM on each device too, beside the CPU's", false),
    "engine": entry(boolean(), "Only TensorFlow, in this process, as JSON", false),
    "step": entry(boolean(), "Only the parameters after that step, as base64", false),
  },
  after: "Exit codes: 0 training works; 1 it does not.",
};

const MARKS = { works: "✓", missing: "–", failed: "✗" } as const;

/**
 * The command `doctor`.
 *
 * @param output standard output
 * @returns the exit code
 * @throws UsageError for a command line that cannot be carried out
 */
export async function doctorCommand(args: readonly string[], output: Output): Promise<number> {
  const given = readCommandLine(command, args, output);
  if (given === undefined) return 0;
  const { json, gpu, engine, step } = given.flags;
  if (engine) {
    const { engineChecksHere } = await import("./_engine_checks.ts");
    printer(output)(JSON.stringify(await engineChecksHere()));
    return 0;
  }
  if (step) {
    const { parametersAfterStep } = await import("./_device_checks.ts");
    printer(output)(new Uint8Array((await parametersAfterStep()).buffer).toBase64());
    return 0;
  }
  const found = await checkMachine();
  const isReady = found.every(({ state }) => state !== "failed");
  if (gpu && isReady) {
    const { checkDevices } = await import("./_device_checks.ts");
    found.push(...await checkDevices());
  }
  printer(output)(json ? JSON.stringify(found, null, 2) : linesOf(found));
  return found.some(({ state }) => state === "failed") ? 1 : 0;
}

function linesOf(checks: readonly MachineCheck[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks.flatMap(({ name, state, found, remedy }) => [
    `${MARKS[state]} ${name.padEnd(width)}  ${found}`,
    ...remedy === undefined ? [] : [`  ${" ".repeat(width)}  → ${remedy}`],
  ]).join("\n");
}
