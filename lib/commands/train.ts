import {
  ConfigError,
  ConfigMismatchError,
  createProgress,
  runFolder,
  train,
  watchInterrupts,
} from "../train/mod.ts";
import { describeFlags, type Flag, parseFlags, UsageError } from "./_flags.ts";
import { configFlags, configOf, flagOf } from "./_train_flags.ts";

const flags: Record<string, Flag> = {
  ...configFlags,
  "output-dir": { type: "text", default: "runs", description: "Where runs are kept" },
  "data-dir": {
    type: "text",
    description: "Folder of the data sets (default SAM_DATA_DIR, else data)",
  },
  "no-download": { type: "switch", description: "Fail where data are missing" },
  "restart": { type: "switch", description: "Delete the run that is there and start anew" },
  "help": { type: "switch", description: "Show this" },
};

const help = `Trains a model with SAM or SGD. The same command goes on with a run that was stopped.

Usage: deno task train [options]

${describeFlags(flags)}

A run leaves in <output-dir>/<data set>/<model>/[noise_N/]lr_N/wd_N/rho_N/seed_N:
config.json, metrics.jsonl, TensorBoard events and its two latest checkpoints.`;

/**
 * The command `train`.
 *
 * @param print writes a line to standard output
 * @returns the exit code: 0 when finished, 130 when interrupted
 * @throws UsageError for a command line that cannot be carried out
 */
export async function trainCommand(
  args: readonly string[],
  print: (line: string) => void,
): Promise<number> {
  const given = parseFlags(args, flags);
  if (given.help) {
    print(help);
    return 0;
  }
  const config = configOf(given);
  const outputDir = String(given["output-dir"] ?? "runs");
  using progress = createProgress();
  using interrupt = watchInterrupts((message) => progress.show({ type: "warning", message }));
  try {
    let sha256 = "";
    let reason = "";
    const events = train(config, {
      outputDir,
      restart: given.restart === true,
      ...given["data-dir"] !== undefined && { dataDir: String(given["data-dir"]) },
      ...given["no-download"] === true && { download: false },
      signal: interrupt.signal,
    });
    for await (const event of events) {
      progress.show(event);
      if (event.type === "end") ({ sha256, reason } = event);
    }
    print(`${outputDir}/${runFolder(config)}`);
    print(`sha256 of the parameters: ${sha256}`);
    return reason === "interrupted" ? 130 : 0;
  } catch (error) {
    throw asUsageError(error);
  }
}

/** Errors that the flags are to blame for, named by flag. */
function asUsageError(error: unknown): unknown {
  if (error instanceof ConfigMismatchError) {
    return new UsageError(`--output-dir, --restart: ${error.message}`);
  }
  if (error instanceof ConfigError) {
    return new UsageError(`--${flagOf(error.key)}: ${error.message}`);
  }
  return error;
}
