import { join } from "node:path";
import { type ConfiguredSweep, sweep, type SweepEvent } from "../runs/mod.ts";
import { boolean, entry, integer, text } from "../schema/mod.ts";
import { reasonOf, writeDurably } from "../system/mod.ts";
import { backend } from "../tensorflow/mod.ts";
import { LiveTable, type Output, printer } from "../terminal/mod.ts";
import { type EvaluatedRow, isEvaluated, type TrainConfig, watchInterrupts } from "../train/mod.ts";
import { readCommandLine } from "./_command.ts";
import { demoReport, type DemoRun } from "./_demo_report.ts";
import { demoConfig, demoExperiment, demoSeeds, epochsOf, recordedRuns } from "./_demo_runs.ts";
import { demoLine, demoTable } from "./_demo_table.ts";
import { demoFindings } from "./_demo_words.ts";

export const command = {
  name: "demo",
  about:
    `Shows the recorded runs of SGD and SAM on Fashion-MNIST with 40 % of the labels wrong, and trains
the same here, beside them, in a report that follows the training: SGD, SGD with as much computation
as SAM, and SAM. The same command goes on where it was stopped.`,
  flags: {
    "seeds": entry(
      integer({ min: 1, max: 100 }),
      "Recorded seeds to train here; three runs and a minute each",
      1,
    ),
    "output-dir": entry(text(), "Where the report goes, and the runs", "runs/demo"),
    "restart": entry(boolean(), "Train all runs anew", false),
  },
};

/** Seconds between two states of the report. */
const REPORT_EVERY = 5;

/**
 * The command `demo`.
 *
 * @param output standard output
 * @param config SAM's run; SGD's differ by what was chosen for it, and seeds by the run
 * @returns the exit code: 0 when finished, 130 when interrupted by SIGINT, 143 by SIGTERM
 * @throws UsageError for a command line that cannot be carried out
 */
export async function demoCommand(
  args: readonly string[],
  output: Output,
  config: TrainConfig = demoConfig,
): Promise<number> {
  const given = readCommandLine(command, args, output);
  if (given === undefined) return 0;
  const print = printer(output);
  const { seeds, restart, "output-dir": outputDir } = given.flags;
  const recorded = await recordedRuns();
  const path = join(outputDir, "report.html");
  const runs: DemoRun[] = [];
  const report: Report = async (status, isRunning) => {
    const facts = { config, recorded, status, isRunning, versions: versions() };
    await writeDurably(path, [new TextEncoder().encode(await demoReport(runs, facts))]);
  };
  await beginReport(outputDir, report);
  for (const sentence of demoFindings(evaluated(recorded))) print(`Recorded. ${sentence}`);
  print(`Training the same here; ${path} shows it as it goes`);

  const seconds = stopwatch();
  const table = new LiveTable(output);
  using interrupt = watchInterrupts((message) =>
    table.print(
      interrupt.signal.aborted
        ? message
        : "Interrupted: ending after the running step; Ctrl-C once more exits at once",
    )
  );
  const { signal } = interrupt;
  const experiment = demoExperiment(demoSeeds(seeds), config);
  const events = sweep(experiment, { outputDir, restart, signal });
  const shown = { recorded, runs, epochs: config.epochs, table, report, seconds };
  const { found, total } = await showTraining(events, shown, (run) => {
    if (!output.isTerminal) print(demoLine(run, seconds()));
  });
  if (signal.aborted) {
    const at = `Interrupted in run ${finished(runs) + 1} of ${total}`;
    await report(`${at}.`, false);
    print(`${at}; the same command goes on with it`);
    return interrupt.exitCode;
  }
  for (const sentence of demoFindings(evaluated(runs))) print(`Here. ${sentence}`);
  const [first, ...others] = experiment.seeds;
  const of = others.length === 0 ? `seed ${first}` : `seeds ${first} to ${others.at(-1)}`;
  const before = found === 0
    ? ""
    : `; ${found} of ${total} runs were there, --restart trains them anew`;
  const ended = `Measured with ${of} in ${seconds().toFixed(0)} s${before}`;
  await report(`${ended}.`, false);
  print(ended);
  print(`Open ${path}`);
  return 0;
}

/** Writes the report as the runs stand. */
type Report = (status: string, isRunning: boolean) => Promise<void>;

/** Before the minutes of training, lest they be lost to a folder that cannot be written. */
async function beginReport(outputDir: string, report: Report): Promise<void> {
  try {
    await Deno.mkdir(outputDir, { recursive: true });
    await report("The first run is about to begin.", true);
  } catch (cause) {
    throw new Error(
      `Cannot write a report into ${outputDir}: ${reasonOf(cause)}. Choose another --output-dir`,
      { cause },
    );
  }
}

/** Seconds since it was made. */
function stopwatch(): () => number {
  const started = performance.now();
  return () => (performance.now() - started) / 1000;
}

/** What is shown of the training, and where. */
interface Shown {
  readonly recorded: readonly DemoRun[];
  /** Those of here, which are added. */
  readonly runs: DemoRun[];
  /** Of SAM's run. */
  readonly epochs: number;
  readonly table: LiveTable;
  readonly report: Report;
  readonly seconds: () => number;
}

/**
 * Shows the runs as they are trained, in the table and, now and then, in the report.
 *
 * @param onRun called with the last row of each finished run
 * @returns how many of the runs were there, and how many there are in all
 */
async function showTraining(
  events: AsyncIterable<SweepEvent<ConfiguredSweep>>,
  { recorded, runs, epochs, table, report, seconds }: Shown,
  onRun: (last: EvaluatedRow) => void,
): Promise<{ readonly found: number; readonly total: number }> {
  const recordedRows = evaluated(recorded);
  let [speed, found, total, reported] = [0, 0, 0, 0];
  for await (const event of events) {
    if (event.type === "sweep") total = event.runs.length;
    if (event.type === "diverged" || event.type === "failed") throw event.error;
    if (event.type === "train" && event.event.type === "step") speed = event.event.imagesPerSecond;
    if (!follow(runs, event)) continue;
    if (event.type === "run" && event.source === "folder") found++;
    if (event.type === "run") onRun(evaluated(runs).at(-1)!);
    const { rows } = runs.at(-1)!;
    const { epoch, method } = rows.at(-1)!;
    const status =
      `run ${runs.length} of ${total}, epoch ${epoch} of ${epochsOf(method, epochs)}, ` +
      `${speed.toFixed(0)} images/s, ${seconds().toFixed(0)} s`;
    table.draw([...demoTable(recordedRows, evaluated(runs)), [status]]);
    if (seconds() - reported < REPORT_EVERY) continue;
    reported = seconds();
    await report(`Under way: ${status}.`, true);
  }
  table.draw([...demoTable(recordedRows, evaluated(runs)), [""]], { last: true });
  return { found, total };
}

/** Keeps what an event tells of a run. @returns whether there was anything */
function follow(runs: DemoRun[], event: SweepEvent<ConfiguredSweep>): boolean {
  const running = runs.at(-1)?.result === undefined ? runs.at(-1) : undefined;
  if (event.type === "run") {
    if (running) runs.pop();
    runs.push({ rows: event.rows, result: event.result });
    return true;
  }
  if (event.type !== "train" || event.event.type !== "epoch") return false;
  if (running) runs.pop();
  const row = { ...event.event.row, method: event.run.method };
  runs.push({ rows: [...running?.rows ?? [], row] });
  return true;
}

function finished(runs: readonly DemoRun[]): number {
  return runs.filter(({ result }) => result !== undefined).length;
}

function evaluated(runs: readonly DemoRun[]): EvaluatedRow[] {
  return runs.flatMap(({ rows }) => rows.filter(isEvaluated));
}

function versions(): string {
  return `Deno ${Deno.version.deno}, TensorFlow ${backend.binding.TF_Version}, ` +
    `${navigator.hardwareConcurrency} cores, ${new Date().toISOString().slice(0, 10)}`;
}
