import { join } from "node:path";
import { sweep } from "../runs/mod.ts";
import { boolean, entry, integer, text } from "../schema/mod.ts";
import { backend } from "../tensorflow/mod.ts";
import { type EvaluatedRow, isEvaluated, type TrainConfig, watchInterrupts } from "../train/mod.ts";
import { LiveTable, type Output, printer } from "../terminal/mod.ts";
import { readCommandLine } from "./_command.ts";
import { demoReport } from "./_demo_report.ts";
import { demoConfig, demoExperiment } from "./_demo_runs.ts";
import { demoLine, demoTable } from "./_demo_table.ts";

export const command = {
  name: "demo",
  about:
    `Trains ${demoConfig.model} with SGD and SAM on the embedded data set, with clean labels and
with 40 % of them wrong, and writes an interactive report. The same command goes on where it was
stopped.`,
  flags: {
    "seeds": entry(
      integer({ min: 1, max: 100 }),
      "Seeds 0, 1, … for each of the four settings",
      3,
    ),
    "output-dir": entry(text(), "Where the report goes, and the runs", "runs/demo"),
    "restart": entry(boolean(), "Train all runs anew", false),
  },
};

/**
 * The command `demo`.
 *
 * @param output standard output
 * @param config what is trained; label noise, ρ and seed are those of the runs
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
  // Before the minutes of training, lest they be lost to a folder that cannot be written.
  await Deno.mkdir(outputDir, { recursive: true }).catch((cause) => {
    throw new Error(
      `Cannot write a report into ${outputDir}: ${cause.message}. Choose another --output-dir`,
      { cause },
    );
  });
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const table = new LiveTable(output);
  using interrupt = watchInterrupts((message) =>
    table.print(
      interrupt.signal.aborted
        ? message
        : "Interrupted: ending after the running step; Ctrl-C once more exits at once",
    )
  );
  const rows: EvaluatedRow[] = [];
  /** Of the run that is being trained. */
  let running: EvaluatedRow[] = [];
  let [speed, done, found, total] = [0, 0, 0, 0];
  const { signal } = interrupt;
  for await (const event of sweep(demoExperiment(seeds, config), { outputDir, restart, signal })) {
    if (event.type === "sweep") total = event.runs.length;
    if (event.type === "diverged" || event.type === "failed") throw event.error;
    if (event.type === "run") {
      rows.push(...event.rows.flatMap((row) => isEvaluated(row) ? [row] : []));
      running = [];
      done++;
      if (event.source === "folder") found++;
      if (!output.isTerminal) print(demoLine(rows.at(-1)!, seconds()));
    }
    if (event.type !== "train") continue;
    if (event.event.type === "step") speed = event.event.imagesPerSecond;
    if (event.event.type !== "epoch" || !isEvaluated(event.event.row)) continue;
    running.push(event.event.row);
    const status = `run ${done + 1} of ${total}, epoch ${event.event.row.epoch} of ` +
      `${config.epochs}, ${speed.toFixed(0)} images/s, ${seconds().toFixed(0)} s`;
    table.draw([...demoTable([...rows, ...running]), [status]]);
  }
  table.draw([...demoTable([...rows, ...running]), [""]], { last: true });
  if (signal.aborted) {
    print(`Interrupted in run ${done + 1} of ${total}; the same command goes on with it`);
    return interrupt.exitCode;
  }
  const path = join(outputDir, "report.html");
  const facts = { config, seeds, seconds: seconds(), versions: versions() };
  await Deno.writeTextFile(path, await demoReport(rows, facts));
  const of = seeds === 1 ? "seed 0" : `seeds 0 to ${seeds - 1}`;
  const before = found === 0
    ? ""
    : `; ${found} of ${total} runs were there, --restart trains them anew`;
  print(`Measured with ${of} in ${seconds().toFixed(0)} s${before}`);
  print(`Open ${path}`);
  return 0;
}

function versions(): string {
  return `Deno ${Deno.version.deno}, TensorFlow ${backend.binding.TF_Version}, ` +
    `${navigator.hardwareConcurrency} cores, ${new Date().toISOString().slice(0, 10)}`;
}
