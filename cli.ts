/**
 * The command line: `deno task train`, `sweep`, `demo`, `profile`, `report`, `lab`, `kernel`, `setup`.
 *
 * @module
 */
import { UsageError } from "./lib/commands/_flags.ts";
import { type Output, printer, streamOutput } from "./lib/terminal/mod.ts";

/** A command: it gives the exit code. */
type Run = (args: readonly string[], output: Output) => Promise<number>;

/** The commands, each loaded when it is called. */
const commands: Readonly<Record<string, { readonly does: string; load(): Promise<Run> }>> = {
  demo: {
    does:
      "recorded runs of SGD and SAM with wrong labels, and a pair trained here; writes a report",
    load: async () => (await import("./lib/commands/demo.ts")).demoCommand,
  },
  train: {
    does: "trains a model",
    load: async () => (await import("./lib/commands/train.ts")).trainCommand,
  },
  sweep: {
    does: "trains all runs of an experiment",
    load: async () => (await import("./lib/commands/sweep.ts")).sweepCommand,
  },
  profile: {
    does: "tells where the time and memory of a training step go",
    load: async () => (await import("./lib/commands/profile.ts")).profileCommand,
  },
  report: {
    does: "executes notebooks and exports them as pages and PDF",
    load: async () => (await import("./lib/commands/report.ts")).reportCommand,
  },
  lab: {
    does: 'JupyterLab with the kernel "Deno (SAM)", in an environment of its own',
    load: async () => (await import("./lib/commands/lab.ts")).labCommand,
  },
  kernel: {
    does: "registers the kernel with a Jupyter that is there already",
    load: async () => (await import("./lib/commands/kernel.ts")).kernelCommand,
  },
  setup: {
    does: "finds TensorFlow or fetches it",
    load: async () => (await import("./lib/commands/setup.ts")).setupCommand,
  },
};

const usage = `Sharpness-aware training in Deno.

Usage: deno task <command> [options]

${Object.entries(commands).map(([name, { does }]) => `  ${name.padEnd(8)}${does}`).join("\n")}

Each lists its options with --help.`;

const output = streamOutput(Deno.stdout);

/** @returns the exit code */
async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || ["--help", "-h", "help"].includes(name)) {
    printer(output)(usage);
    return 0;
  }
  if (!Object.hasOwn(commands, name)) {
    const names = Object.keys(commands);
    throw new UsageError(
      `Unknown command ${name}: there are ${names.slice(0, -1).join(", ")} and ${names.at(-1)}`,
    );
  }
  const run = await commands[name]!.load();
  return await run(args, output);
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
