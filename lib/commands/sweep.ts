import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import {
  type Experiment,
  finishedRuns,
  type PlannedRun,
  runsOf,
  sweep,
  type SweepEvent,
  writeRecords,
} from "../runs/mod.ts";
import { boolean, entry, optionalEntry, requiredEntry, text } from "../schema/mod.ts";
import { type StepEvent, watchInterrupts } from "../train/mod.ts";
import {
  downloadProgress,
  LiveTable,
  type Output,
  printer,
  streamOutput,
} from "../terminal/mod.ts";
import { readCommandLine } from "./_command.ts";
import { DIVERGED_CODE, EXIT_CODES } from "./_exit_codes.ts";
import { UsageError } from "./_flags.ts";

export const command = {
  name: "sweep",
  about: `Trains all runs of an experiment. The same command goes on with what is left; started
several times at once, the processes share the runs among them. A run whose loss becomes NaN or
infinite is left, unless its onNan is "continue", and so is one that cannot be built or resumed; the
others are trained. Runs are kept where train keeps them, and each finds the other's.`,
  operands: { file: requiredEntry(text(), "the file of an experiment") },
  flags: {
    "output-dir": entry(text(), "Where runs are kept", "runs"),
    "data-dir": optionalEntry(
      text(),
      "Folder of the data sets (default SAM_DATA_DIR, else data)",
    ),
    "list": entry(boolean(), "Tell which runs are finished, and train none", false),
    "restart": entry(boolean(), "Train all runs anew", false),
    "record": optionalEntry(text(), "Write the finished runs to this file at the end"),
  },
  after:
    `The file has an Experiment, or several, as its default export; notebooks/experiments holds those
of the notebooks.

${EXIT_CODES}`,
};

/**
 * The command `sweep`.
 *
 * @param output standard output
 * @returns the exit code: 0 when finished, 1 when a run failed, 3 when one diverged, 130 when interrupted
 *   by SIGINT, 143 by SIGTERM
 * @throws UsageError for a command line that cannot be carried out
 */
export async function sweepCommand(args: readonly string[], output: Output): Promise<number> {
  const given = readCommandLine(command, args, output);
  if (given === undefined) return 0;
  const print = printer(output);
  const { "output-dir": outputDir, "data-dir": dataDir, restart, record: target } = given.flags;
  const experiments = await load(given.operands.file);
  if (given.flags.list) {
    for (const experiment of experiments) await list(experiment, outputDir, print);
    return 0;
  }
  const table = new LiveTable(output);
  using interrupt = watchInterrupts((message) => table.print(message));
  const teller = new Teller(table);
  for (const experiment of experiments) {
    const options = {
      outputDir,
      restart,
      ...dataDir !== undefined && { dataDir },
      onDownload: downloadProgress(streamOutput(Deno.stderr)),
      signal: interrupt.signal,
    };
    for await (const event of sweep(experiment, options)) teller.tell(event);
    if (interrupt.signal.aborted) return interrupt.exitCode;
  }
  if (target !== undefined) await record(experiments, outputDir, target, print);
  return teller.failed > 0 ? 1 : teller.diverged > 0 ? DIVERGED_CODE : 0;
}

/** Tells of sweeps: a line for each run, and a last one that changes. */
class Teller {
  failed = 0;
  diverged = 0;
  readonly #table: LiveTable;
  readonly #started = performance.now();
  #name = "";
  #done = 0;
  #total = 0;

  constructor(table: LiveTable) {
    this.#table = table;
  }

  tell(event: SweepEvent): void {
    switch (event.type) {
      case "sweep":
        this.#name = event.name;
        this.#done = 0;
        this.#total = event.runs.length;
        break;
      case "run": {
        const { testError = NaN } = event.rows.at(-1)!;
        this.#table.print(
          `${this.#name} ${++this.#done} of ${this.#total}: ${describe(event.run)}: test error ` +
            `${(100 * testError).toFixed(2)} % (${event.source}, ${this.#minutes} min)`,
        );
        break;
      }
      case "train":
        if (event.event.type === "step") this.#step(event.run, event.event);
        if (event.event.type === "warning") this.#print(event.run, event.event.message);
        break;
      case "diverged":
        this.diverged++;
        this.#print(event.run, event.error.message);
        break;
      case "failed":
        this.failed++;
        this.#print(event.run, event.error.message);
        break;
      case "wait":
        this.#status(`waiting for ${event.runs.length} runs of other processes`);
    }
  }

  get #minutes(): string {
    return ((performance.now() - this.#started) / 60_000).toFixed(1);
  }

  #step(run: PlannedRun, { epoch, imagesPerSecond }: StepEvent): void {
    this.#status(
      `${describe(run)}, epoch ${epoch} of ${run.config.epochs}, ` +
        `${imagesPerSecond.toFixed(0)} images/s`,
    );
  }

  #print(run: PlannedRun, message: string): void {
    this.#table.print(`${this.#name}: ${describe(run)}: ${message}`);
  }

  #status(what: string): void {
    const counts = `${this.#done} of ${this.#total} runs, ${this.#minutes} min`;
    this.#table.draw([[`${this.#name}: ${counts}; ${what}`]]);
  }
}

/** The experiments of a file, checked before any is trained. */
async function load(path: string): Promise<readonly Experiment[]> {
  const found = await import(pathToFileURL(resolve(path)).href).catch((cause) => {
    throw new UsageError(`Cannot load the experiment ${path}: ${cause.message}`, { cause });
  });
  const experiments: unknown = found.default;
  if (experiments === undefined) {
    throw new UsageError(`Cannot run ${path}: it has no experiment as its default export`);
  }
  const all = Array.isArray(experiments) ? experiments : [experiments as Experiment];
  try {
    all.forEach(runsOf);
  } catch (error) {
    throw error instanceof RangeError
      ? new UsageError(`Cannot run ${path}: ${error.message}`, { cause: error })
      : error;
  }
  return all;
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

function describe({ method, config: { samRho, labelNoise, seed } }: PlannedRun): string {
  const noise = labelNoise === 0 ? "" : `${100 * labelNoise} % wrong labels, `;
  return `${method}, ${samRho === 0 ? "" : `rho ${samRho}, `}${noise}seed ${seed}`;
}
