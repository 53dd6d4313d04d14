import { join } from "node:path";
import { boolean, entry, integer, optionalEntry, text } from "../schema/mod.ts";
import {
  ConfigError,
  ConfigMismatchError,
  configOf,
  createProgress,
  DivergedError,
  runFolder,
  train,
  watchInterrupts,
} from "../train/mod.ts";
import { downloadProgress, type Output, printer, streamOutput } from "../terminal/mod.ts";
import { readCommandLine } from "./_command.ts";
import { clusterFrom, prepareTogether, WorkerError, Workers } from "../distributed/mod.ts";
import { DIVERGED_CODE, EXIT_CODES, WORKERS_CODE } from "./_exit_codes.ts";
import { UsageError } from "./_flags.ts";
import { fromReference, referenceFlags } from "./_reference_flags.ts";
import { watchLeader } from "./_leader.ts";
import { runLocalWorkers } from "./_local_workers.ts";
import { configFlags, configNames, entriesOf, flagOf } from "./_train_flags.ts";

const ownFlags = {
  "output-dir": entry(text(), "Where runs are kept", "runs"),
  "data-dir": optionalEntry(
    text(),
    "Folder of the data sets (default SAM_DATA_DIR, else data)",
  ),
  "no-download": entry(boolean(), "Fail where data are missing", false),
  "restart": entry(boolean(), "Delete the run that is there and start anew", false),
  "local-workers": entry(integer({ min: 1 }), "Train in so many processes of this machine", 1),
};

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

export const command = {
  name: "train",
  about:
    "Trains a model with SAM or SGD. The same command goes on with a run that was stopped; another\n" +
    "configuration is another run.",
  settings: configFlags,
  aliases: referenceFlags,
  flags: ownFlags,
  names: configNames,
  after: `${Object.entries(configNames).map(([flag, names]) => listed(flag, names)).join("\n")}

Images in files (imagenet, folder:PATH, records:PATH) are cropped at random and flipped under every
augmentation, none and basic too, but for center_crop: the crop in the middle. autoaugment is
RandAugment there, randaugment_2_9; autoaugment_only is AutoAugment's policy for ImageNet.

Switches of what is trained and evaluated are turned off by --no-<name>. The flags of
google-research/sam are known in its own spelling too (--model_name, --num_epochs,
--nouse_test_set, …, and 0 for none); the defaults are these.

A run leaves in <output-dir>/<data set>/<model>/[noise_N/]lr_N/wd_N/rho_N/seed_N-<identity>:
config.json, metrics.jsonl, result.json, TensorBoard events, its two latest checkpoints and those to
be kept. The identity is a digest of the whole configuration; sweep keeps its runs there too.

${EXIT_CODES}`,
};

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
  const reading = Promise.try(() => readCommandLine(command, args, output));
  const [read] = await Promise.allSettled([reading]);
  const isRead = read.status === "fulfilled";
  if (isRead && read.value === undefined) return 0;
  const print = printer(output);
  const localWorkers = isRead ? read.value!.flags["local-workers"] : 1;
  if (localWorkers > 1) return await trainLocally(localWorkers, args);
  using progress = createProgress();
  using interrupt = watchInterrupts((message) => progress.show({ type: "warning", message }));
  using _leader = watchLeader();
  try {
    const cluster = clusterFrom();
    using workers = cluster && await Workers.connect(cluster, { signal: interrupt.signal });
    const isChief = workers?.isChief ?? true;
    // The others of a worker that cannot carry out its command line are told so.
    const { flags, config } = await prepareTogether(workers, async () => {
      const { flags, settings } = (await reading)!;
      return { flags, config: configOf(entriesOf(fromReference(settings))) };
    });
    const outputDir = flags["output-dir"];
    let sha256 = "";
    let reason = "";
    const events = train(config, {
      outputDir,
      restart: flags.restart,
      ...flags["data-dir"] !== undefined && { dataDir: flags["data-dir"] },
      download: !flags["no-download"],
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

/** @throws UsageError in a process that is a worker itself: each of them would begin a cluster */
async function trainLocally(count: number, args: readonly string[]): Promise<number> {
  if (clusterFrom() !== undefined) {
    throw new UsageError(
      `--local-workers ${count}: this process is a worker of the cluster in TF_CONFIG. Leave it out, ` +
        "or unset TF_CONFIG to train on this machine alone",
    );
  }
  return await runLocalWorkers(count, ["train", ...args, "--local-workers=1"]);
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
