/**
 * The command line: `deno task train`, `deno task demo`.
 *
 * @module
 */
import { UsageError } from "./lib/commands/_flags.ts";

const usage = `Sharpness-aware training in Deno.

Usage: deno task <command> [options]

  demo    SGD and SAM on an embedded data set, clean and with noisy labels; writes a report
  train   trains a model; --help lists the options
  setup   finds TensorFlow or fetches it`;

const encoder = new TextEncoder();
const print = (line: string) => Deno.stdout.writeSync(encoder.encode(line + "\n"));
const printError = (line: string) => Deno.stderr.writeSync(encoder.encode(line + "\n"));

/** @returns the exit code */
async function main([command, ...args]: readonly string[]): Promise<number> {
  switch (command) {
    case "train":
      return await (await import("./lib/commands/train.ts")).trainCommand(args, print);
    case "demo":
      return await (await import("./lib/commands/demo.ts")).demoCommand(args, print);
    case undefined:
    case "--help":
    case "help":
      print(usage);
      return 0;
    default:
      throw new UsageError(`Unknown command ${command}: there are demo, train and setup`);
  }
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main(Deno.args);
  } catch (error) {
    printError(error instanceof Error ? `error: ${error.message}` : `error: ${error}`);
    Deno.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
