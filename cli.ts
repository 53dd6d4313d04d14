/**
 * The command line: `deno task train`, `eval`, `demo`, … in a clone; `sam-deno train`, … where it is
 * installed.
 *
 * @module
 */
import { CALLED, commands, UsageError } from "./lib/commands/mod.ts";
import { nearName } from "./lib/schema/mod.ts";
import { CLONE, PROGRAM, VERSION } from "./lib/system/mod.ts";
import { printer, streamOutput } from "./lib/terminal/mod.ts";

const lines = Object.entries(commands).map(([name, { does }]) => `  ${name.padEnd(13)}${does}`);
const usage = `Sharpness-aware training in Deno.

Usage: ${CALLED} <command> [options]

${lines.join("\n")}

Each lists its options with --help.`;

const output = streamOutput(Deno.stdout);

/** @returns the exit code */
async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === "help" && args[0] !== undefined) return await main([args[0], "--help"]);
  if (name === undefined || ["--help", "-h", "help"].includes(name)) {
    printer(output)(usage);
    return 0;
  }
  if (name === "--version" || name === "-V") {
    printer(output)(`${PROGRAM} ${VERSION}`);
    return 0;
  }
  if (!Object.hasOwn(commands, name)) {
    const names = Object.keys(commands);
    const near = nearName(name, names);
    throw new UsageError(
      `Unknown command ${name}: there are ${names.slice(0, -1).join(", ")} and ${names.at(-1)}` +
        (near === undefined ? "" : `; did you mean ${near}?`),
    );
  }
  const { computes, load } = commands[name]!;
  const asksForHelp = args.some((argument) => argument === "--help" || argument === "-h");
  if (computes && !asksForHelp && CLONE === undefined) await fetchEngine();
  const { run } = await load();
  return await run(args, output);
}

/** Finds TensorFlow, or fetches it; a clone's tasks have done so. */
async function fetchEngine(): Promise<void> {
  const { setupTensorFlow } = await import("./lib/tensorflow/install/setup.ts");
  await setupTensorFlow();
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main(Deno.args);
  } catch (error) {
    const printError = printer(streamOutput(Deno.stderr));
    printError(error instanceof Error ? `error: ${error.message}` : `error: ${error}`);
    Deno.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
