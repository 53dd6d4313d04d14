import { join } from "node:path";
import { augmentationNames, batchAugmentationNames, datasetNames } from "../data/mod.ts";
import { modelNames } from "../models/mod.ts";
import { downloadProgress, type Output, printer, streamOutput } from "../terminal/mod.ts";
import {
  ConfigError,
  ConfigMismatchError,
  createProgress,
  DivergedError,
  runFolder,
  train,
  watchInterrupts,
} from "../train/mod.ts";
import { clusterFrom, WorkerError, Workers } from "../distributed/mod.ts";
import { DIVERGED_CODE, EXIT_CODES, WORKERS_CODE } from "./_exit_codes.ts";
import { describeFlags, type Flag, parseFlags, UsageError } from "./_flags.ts";
import { fromReference, referenceFlags } from "./_reference_flags.ts";
import { runLocalWorkers } from "./_local_workers.ts";
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
  "local-workers": {
    type: "integer",
    min: 1,
    description: "Train in so many processes of this machine",
  },
  "help": { type: "switch", description: "Show this" },
};

/** What the flags that name things know. */
const NAMES = [
  ["dataset", datasetNames],
  ["model", modelNames],
  ["augmentation", augmentationNames],
  ["batch-augmentation", batchAugmentationNames],
] as const;
const COLUMNS = 100;

/** The names after their flag, in lines that fit a terminal. */
function listed(flag: string, names: readonly string[]): string {
  const lines = [`Names for --${flag}:`];
  for (const [index, name] of names.entries()) {
    const word = index < names.length - 1 ? ` ${name},` : ` ${name}`;
    if (lines.at(-1)!.length + word.length > COLUMNS) lines.push(" ");
    lines[lines.length - 1] += word;
  }
  return lines.join("\n");
}

const help = `Trains a model with SAM or SGD. The same command goes on with a run that was stopped.

Usage: deno task train [options]

${describeFlags(flags)}

${NAMES.map(([flag, names]) => listed(flag, names)).join("\n")}

Images in files (imagenet, folder:PATH, records:PATH) are cropped at random and flipped under every
augmentation, none and basic too, but for center_crop: the crop in the middle. autoaugment is
RandAugment there, randaugment_2_9; autoaugment_only is AutoAugment's policy for ImageNet.

Switches of what is trained and evaluated are turned off by --no-<name>. The flags of
google-research/sam are known in its own spelling too (--model_name, --num_epochs,
--nouse_test_set, …); the defaults are these.

A run leaves in <output-dir>/<data set>/<model>/[noise_N/]lr_N/wd_N/rho_N/seed_N:
config.json, metrics.jsonl, TensorBoard events, its two latest checkpoints and those to be kept.

${EXIT_CODES}`;

/**
 * The command `train`.
 *
 * @param output standard output; progress goes to standard error
 * @returns the exit code: 0 when finished, 3 when the loss diverged, 4 when another worker of the cluster
 *   is lost, 130 when interrupted by SIGINT, 143 by SIGTERM
 * @throws UsageError for a command line that cannot be carried out
 */
export async function trainCommand(
  args: readonly string[],
  output: Output,
): Promise<number> {
  const print = printer(output);
  const given = fromReference(parseFlags(args, { ...flags, ...referenceFlags }));
  if (given.help) {
    print(help);
    return 0;
  }
  const localWorkers = Number(given["local-workers"] ?? 1);
  if (localWorkers > 1) {
    return await runLocalWorkers(localWorkers, ["train", ...withoutLocalWorkers(args)]);
  }
  const config = configOf(given);
  const outputDir = String(given["output-dir"] ?? "runs");
  using progress = createProgress();
  using interrupt = watchInterrupts((message) => progress.show({ type: "warning", message }));
  try {
    const cluster = clusterFrom();
    using workers = cluster && await Workers.connect(cluster);
    const isChief = workers?.isChief ?? true;
    let sha256 = "";
    let reason = "";
    const events = train(config, {
      outputDir,
      restart: given.restart === true,
      ...given["data-dir"] !== undefined && { dataDir: String(given["data-dir"]) },
      ...given["no-download"] === true && { download: false },
      onDownload: downloadProgress(streamOutput(Deno.stderr)),
      signal: interrupt.signal,
      workers,
    });
    for await (const event of events) {
      if (isChief) progress.show(event);
      if (event.type === "end") ({ sha256, reason } = event);
    }
    if (!isChief) return reason === "interrupted" ? interrupt.exitCode : 0;
    print(join(outputDir, runFolder(config)));
    // The progress has told it to whoever reads both streams on one terminal.
    const isTold = output.isTerminal && Deno.stderr.isTerminal();
    if (!isTold) print(`sha256 of the parameters: ${sha256}`);
    return reason === "interrupted" ? interrupt.exitCode : 0;
  } catch (error) {
    if (interrupt.signal.aborted && isAbort(error)) return interrupt.exitCode;
    if (error instanceof DivergedError) {
      printer(streamOutput(Deno.stderr))(`error: ${error.message}`);
      return DIVERGED_CODE;
    }
    if (error instanceof WorkerError) {
      printer(streamOutput(Deno.stderr))(`error: ${error.message}`);
      return WORKERS_CODE;
    }
    throw asUsageError(error);
  }
}

/** The command line of each of several workers. */
function withoutLocalWorkers(args: readonly string[]): string[] {
  const at = args.findIndex((arg) => /^--local[-_]workers(=|$)/.test(arg));
  return args.toSpliced(at, args[at]!.includes("=") ? 1 : 2);
}

/** What stops the loading of data. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

/** Errors that the flags are to blame for, named by flag. */
function asUsageError(error: unknown): unknown {
  if (error instanceof ConfigMismatchError || error instanceof ConfigError) {
    return new UsageError(`--${flagOf(error.key) ?? "output-dir"}: ${error.message}`);
  }
  return error;
}
