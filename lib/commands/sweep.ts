import { dirname } from "node:path";
import {
  type Experiment,
  finishedRuns,
  runsOf,
  type Shard,
  sweep,
  writeRecords,
} from "../runs/mod.ts";
import { boolean, entry, integer, integers, optionalEntry, repeated, text } from "../schema/mod.ts";
import { watchInterrupts } from "../train/mod.ts";
import { downloadProgress, type Output, printer, streamOutput } from "../terminal/mod.ts";
import { checkRecords } from "./_check_records.ts";
import { readCommandLine } from "./_command.ts";
import { DIVERGED_CODE, EXIT_CODES } from "./_exit_codes.ts";
import { UsageError } from "./_flags.ts";
import { referenceFlags } from "./_reference_flags.ts";
import { experimentsOf } from "./_sweep_experiments.ts";
import { watchLeader } from "./_leader.ts";
import { runJobs } from "./_sweep_jobs.ts";
import { linesOf, type SweepLine } from "./_sweep_lines.ts";
import { SweepTeller } from "./_sweep_teller.ts";
import { configFlags, configNames } from "./_train_flags.ts";

export const command = {
  name: "sweep",
  about:
    `Trains all runs of an experiment: of a file, of a grid of settings, or of both. The same command
goes on with what is left; started several times at once, the processes share the runs among them. A
run whose loss becomes NaN or infinite is left, unless its onNan is "continue", and so is one that
cannot be built or resumed; the others are trained. Runs are kept where train keeps them, and each
finds the other's.`,
  operands: { file: optionalEntry(text(), "the file of an experiment") },
  settings: configFlags,
  names: configNames,
  aliases: referenceFlags,
  flags: {
    "grid": entry(
      repeated(text()),
      "Values to try: sam-rho=0,0.05; repeat it for every combination",
      [],
    ),
    "only": optionalEntry(text(), "Of the file's experiments those whose name has this"),
    "seeds": entry(integers(), "Seeds of each setting: 0..4, or 0,1,5", []),
    "jobs": entry(integer({ min: 1 }), "Processes on this machine, which share the cores", 1),
    "shard": optionalEntry(text(), "Of n equal parts of the runs the i-th, from 1: i/n"),
    "output-dir": entry(text(), "Where runs are kept", "runs"),
    "data-dir": optionalEntry(
      text(),
      "Folder of the data sets (default SAM_DATA_DIR, else data)",
    ),
    "list": entry(boolean(), "Tell which runs are finished, and train none", false),
    "restart": entry(boolean(), "Train all runs anew", false),
    "record": optionalEntry(text(), "Write the finished runs to this file at the end"),
    "check-records": optionalEntry(
      text(),
      "Tell which records of this file are stale or missing; train none",
    ),
    "json": entry(boolean(), "Tell what happens in lines of JSON", false),
  },
  after:
    `The file has an Experiment, or several, as its default export; notebooks/experiments holds those
of the notebooks. Flags of train set what all runs have in common; --grid and --seeds take the place
of the file's own. Settings in --grid are named as their flags (--help of train), in
google-research/sam's spelling too, or by the last word: rho is sam-rho. The names of data sets,
models and augmentations are those in train's help.

On Slurm, sbatch --array=1-8 starts eight parts:
--shard $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT

${EXIT_CODES}`,
};

/** Milliseconds between two lines of JSON about one run's steps. */
const STEP_INTERVAL = 1000;

/**
 * The command `sweep`.
 *
 * @param output standard output
 * @returns the exit code: 0 when finished, 1 when a run failed or a record is stale or missing, 3 when one diverged, 130 when interrupted
 *   by SIGINT, 143 by SIGTERM
 * @throws UsageError for a command line that cannot be carried out
 */
export async function sweepCommand(args: readonly string[], output: Output): Promise<number> {
  const given = readCommandLine(command, args, output);
  if (given === undefined) return 0;
  const { flags, operands, settings } = given;
  const { "output-dir": outputDir, "data-dir": dataDir, restart, record: target, jobs } = flags;
  const shard = shardOf(flags.shard);
  const { grid, seeds, only } = flags;
  const experiments = await experimentsOf({ file: operands.file, only, grid, seeds, settings });
  if (target !== undefined) await requireWritable(target);
  const print = printer(output);
  if (flags.list) {
    for (const experiment of experiments) await list(experiment, outputDir, print);
    return 0;
  }
  if (flags["check-records"] !== undefined) {
    if (only !== undefined) {
      throw new UsageError("--check-records is about all experiments of a file: leave out --only");
    }
    const { isUpToDate, lines } = await checkRecords(experiments, flags["check-records"]);
    lines.forEach(print);
    return isUpToDate ? 0 : 1;
  }
  const teller = new SweepTeller(flags.json ? silent : output);
  const warn = flags.json
    ? printer(streamOutput(Deno.stderr))
    : (text: string) => teller.print(text);
  using interrupt = watchInterrupts(warn);
  using _leader = watchLeader();
  const { signal } = interrupt;
  const writeJson = jsonWriter(print);
  const tell = (line: SweepLine) => {
    teller.tell(line);
    if (flags.json) writeJson(line);
  };
  if (jobs > 1) {
    await runJobs(forJob(args), { jobs, signal, onLine: tell, onText: warn });
  } else {
    for (const experiment of experiments) {
      const options = {
        outputDir,
        restart,
        ...shard && { shard },
        ...dataDir !== undefined && { dataDir },
        onDownload: downloadProgress(streamOutput(Deno.stderr)),
        signal,
      };
      for await (const line of linesOf(sweep(experiment, options))) tell(line);
      if (signal.aborted) break;
    }
  }
  teller.end();
  if (signal.aborted) return interrupt.exitCode;
  if (target !== undefined) await record(experiments, outputDir, target, warn);
  if (teller.failed > 0) return 1;
  if (teller.diverged > 0) return DIVERGED_CODE;
  if (teller.unfinished === 0) return 0;
  warn(`${teller.unfinished} runs are not finished: the processes that trained them have ended`);
  return 1;
}

const silent: Output = { isTerminal: false, columns: 80, write: () => {} };

/** @throws UsageError unless it is i/n with 1 ≤ i ≤ n */
function shardOf(text: string | undefined): Shard | undefined {
  if (text === undefined) return undefined;
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (index !== undefined && count !== undefined && index >= 1 && index <= count) {
    return { index, count };
  }
  throw new UsageError(
    `--shard must be i/n, a part from 1 to the number of parts, got ${text}` +
      (index === 0 ? "; number the tasks of an array from 1" : ""),
  );
}

/** Lines of JSON, of one run's steps at most one a second. */
function jsonWriter(print: (text: string) => void): (line: SweepLine) => void {
  const written = new Map<string, number>();
  return (line) => {
    if (line.type === "step") {
      const now = performance.now();
      if (now - (written.get(line.run) ?? -Infinity) < STEP_INTERVAL) return;
      written.set(line.run, now);
    }
    print(JSON.stringify(line));
  };
}

/** @throws UsageError, before anything is trained, for a file that could not be written in the end */
async function requireWritable(path: string): Promise<void> {
  const folder = dirname(path);
  const [found, above] = await Promise.all(
    [path, folder].map((path) => Deno.stat(path).catch(() => undefined)),
  );
  const problem = found?.isDirectory
    ? "it is a folder"
    : above?.isDirectory
    ? undefined
    : `${folder} is not a folder`;
  if (problem === undefined) return;
  throw new UsageError(
    `--record: Cannot write ${path}: ${problem}. Name a file in a folder that is there`,
  );
}

/** The command line of one of several processes: the records are written once, in the end. */
function forJob(args: readonly string[]): string[] {
  return args.filter((arg, index) => !isRecord(arg) && args[index - 1] !== "--record");
}

function isRecord(arg: string): boolean {
  return arg === "--record" || arg.startsWith("--record=");
}

async function list(
  experiment: Experiment,
  outputDir: string,
  print: (line: string) => void,
): Promise<void> {
  const finished = await finishedRuns(experiment, { outputDir });
  print(`${experiment.name}: ${finished.length} of ${runsOf(experiment).length} runs are finished`);
}

async function record(
  experiments: readonly Experiment[],
  outputDir: string,
  path: string,
  print: (line: string) => void,
): Promise<void> {
  const found = await Promise.all(
    experiments.map((experiment) => finishedRuns(experiment, { outputDir })),
  );
  await writeRecords(path, found.flat());
  print(`Wrote ${found.flat().length} runs to ${path}`);
}
