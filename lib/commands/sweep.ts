import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import { type Experiment, finishedRuns, runsOf, sweep, writeRecords } from "../runs/mod.ts";
import {
  downloadProgress,
  LiveTable,
  type Output,
  printer,
  streamOutput,
} from "../terminal/mod.ts";
import { watchInterrupts } from "../train/mod.ts";
import { DIVERGED_CODE, EXIT_CODES } from "./_exit_codes.ts";
import { describeFlags, type Flag, parseFlags, UsageError } from "./_flags.ts";

const flags: Record<string, Flag> = {
  "output-dir": { type: "text", default: "runs", description: "Where runs are kept" },
  "data-dir": {
    type: "text",
    description: "Folder of the data sets (default SAM_DATA_DIR, else data)",
  },
  "list": { type: "switch", description: "Tell which runs are finished, and train none" },
  "restart": { type: "switch", description: "Train all runs anew" },
  "record": { type: "text", description: "Write the finished runs to this file at the end" },
  "help": { type: "switch", description: "Show this" },
};

const help = `Trains all runs of an experiment. The same command goes on with what is left; started
several times at once, the processes share the runs among them. A run whose loss becomes NaN or
infinite is left, unless its onNan is "continue", and the others are trained.

Usage: deno task sweep FILE.ts [options]

${describeFlags(flags)}

FILE.ts has an Experiment, or several, as its default export; notebooks/experiments holds those of
the notebooks.

${EXIT_CODES}`;

/**
 * The command `sweep`.
 *
 * @param output standard output
 * @returns the exit code: 0 when finished, 3 when a run diverged, 130 when interrupted by SIGINT, 143 by
 *   SIGTERM
 * @throws UsageError for a command line that cannot be carried out
 */
export async function sweepCommand(args: readonly string[], output: Output): Promise<number> {
  const print = printer(output);
  const path = args.find((arg, index) => index === 0 && !arg.startsWith("-"));
  const given = parseFlags(path === undefined ? args : args.slice(1), flags);
  if (given.help) {
    print(help);
    return 0;
  }
  if (path === undefined) throw new UsageError("Name the file of an experiment; see --help");
  const experiments = await load(path);
  const outputDir = String(given["output-dir"] ?? "runs");
  if (given.list) {
    for (const experiment of experiments) await list(experiment, outputDir, print);
    return 0;
  }
  const table = new LiveTable(output);
  using interrupt = watchInterrupts((message) => table.print(message));
  const started = performance.now();
  let diverged = 0;
  for (const experiment of experiments) {
    let done = 0;
    let total = 0;
    const options = {
      outputDir,
      restart: given.restart === true,
      ...given["data-dir"] !== undefined && { dataDir: String(given["data-dir"]) },
      onDownload: downloadProgress(streamOutput(Deno.stderr)),
      signal: interrupt.signal,
    };
    for await (const event of sweep(experiment, options)) {
      const minutes = ((performance.now() - started) / 60_000).toFixed(1);
      const status = (what: string) =>
        table.draw([[`${experiment.name}: ${done} of ${total} runs, ${minutes} min; ${what}`]]);
      if (event.type === "sweep") total = event.runs.length;
      if (event.type === "run") {
        done++;
        const { method, config } = event.run;
        const { testError = NaN } = event.rows.at(-1)!;
        table.print(
          `${experiment.name} ${done} of ${total}: ${method}, ${describe(config)}: test error ` +
            `${(100 * testError).toFixed(2)} % (${event.source}, ${minutes} min)`,
        );
      }
      if (event.type === "train" && event.event.type === "step") {
        const { epoch, imagesPerSecond } = event.event;
        status(
          `${event.run.method}, ${describe(event.run.config)}, epoch ${epoch} of ` +
            `${event.run.config.epochs}, ${imagesPerSecond.toFixed(0)} images/s`,
        );
      }
      if (event.type === "diverged") {
        diverged++;
        const { method, config } = event.run;
        table.print(`${experiment.name}: ${method}, ${describe(config)}: ${event.error.message}`);
      }
      if (event.type === "wait") status(`waiting for ${event.runs.length} runs of other processes`);
    }
    if (interrupt.signal.aborted) return interrupt.exitCode;
  }
  if (given.record !== undefined) await record(experiments, outputDir, String(given.record), print);
  return diverged === 0 ? 0 : DIVERGED_CODE;
}

async function load(path: string): Promise<readonly Experiment[]> {
  const found = await import(pathToFileURL(resolve(path)).href).catch((cause) => {
    throw new UsageError(`Cannot load the experiment ${path}: ${cause.message}`, { cause });
  });
  const experiments: unknown = found.default;
  if (experiments === undefined) {
    throw new UsageError(`Cannot run ${path}: it has no experiment as its default export`);
  }
  return Array.isArray(experiments) ? experiments : [experiments as Experiment];
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

function describe({ samRho, labelNoise, seed }: {
  readonly samRho: number;
  readonly labelNoise: number;
  readonly seed: number;
}): string {
  const noise = labelNoise === 0 ? "" : `${100 * labelNoise} % wrong labels, `;
  return `${samRho === 0 ? "" : `rho ${samRho}, `}${noise}seed ${seed}`;
}
