/**
 * The command line: `deno task train`, `sweep`, `demo`, `report`, `kernel`, `lab`.
 *
 * @module
 */
import { UsageError } from "./lib/commands/_flags.ts";
import { printer, streamOutput } from "./lib/terminal/mod.ts";

const usage = `Sharpness-aware training in Deno.

Usage: deno task <command> [options]

  demo    SGD and SAM on an embedded data set, clean and with noisy labels; writes a report
  train   trains a model; --help lists the options
  sweep   trains all runs of an experiment
  report  executes notebooks and exports them as pages and PDF
  lab     JupyterLab with the kernel "Deno (SAM)", in an environment of its own
  kernel  registers the kernel with a Jupyter that is there already
  setup   finds TensorFlow or fetches it`;

const output = streamOutput(Deno.stdout);

/** @returns the exit code */
async function main([command, ...args]: readonly string[]): Promise<number> {
  switch (command) {
    case "train":
      return await (await import("./lib/commands/train.ts")).trainCommand(args, output);
    case "demo":
      return await (await import("./lib/commands/demo.ts")).demoCommand(args, output);
    case "sweep":
      return await (await import("./lib/commands/sweep.ts")).sweepCommand(args, output);
    case "kernel":
      return await (await import("./lib/commands/kernel.ts")).kernelCommand(args, printer(output));
    case "report":
      return await (await import("./lib/commands/report.ts")).reportCommand(args, output);
    case "lab":
      return await (await import("./lib/commands/lab.ts")).labCommand(args, printer(output));
    case undefined:
    case "--help":
    case "-h":
    case "help":
      printer(output)(usage);
      return 0;
    default:
      throw new UsageError(
        `Unknown command ${command}: there are demo, train, sweep, report, lab, kernel and setup`,
      );
  }
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
