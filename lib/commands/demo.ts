import { join } from "node:path";
import { backend } from "../tensorflow/mod.ts";
import { LiveTable, type Output, printer } from "../terminal/mod.ts";
import { openMetrics } from "../train/metrics.ts";
import { type EvaluatedRow, type TrainConfig, watchInterrupts } from "../train/mod.ts";
import { demoReport } from "./_demo_report.ts";
import { demoConfig, demoRuns, trainDemoRun } from "./_demo_runs.ts";
import { describeFlags, type Flag, parseFlags } from "./_flags.ts";

const DEFAULT_SEEDS = 3;

const flags: Record<string, Flag> = {
  "seeds": {
    type: "integer",
    min: 1,
    max: 100,
    default: DEFAULT_SEEDS,
    description: "Seeds 0, 1, … for each of the four settings",
  },
  "output-dir": { type: "text", default: "runs/demo", description: "Where the report goes" },
  "help": { type: "switch", description: "Show this" },
};

const help =
  `Trains ${demoConfig.model} with SGD and SAM on the embedded data set, with clean labels and
with 40 % of them wrong, and writes an interactive report.

Usage: deno task demo [options]

${describeFlags(flags)}`;

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
  const print = printer(output);
  const given = parseFlags(args, flags);
  if (given.help) {
    print(help);
    return 0;
  }
  const seeds = Number(given.seeds ?? DEFAULT_SEEDS);
  const folder = String(given["output-dir"] ?? "runs/demo");
  // Before the minutes of training, lest they be lost to a folder that cannot be written.
  await Deno.mkdir(folder, { recursive: true }).catch((cause) => {
    throw new Error(
      `Cannot write a report into ${folder}: ${cause.message}. Choose another --output-dir`,
      { cause },
    );
  });
  const metricsPath = join(folder, "metrics.jsonl");
  using metrics = await openMetrics(metricsPath);
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
  const runs = demoRuns(seeds, config);
  for (const [index, run] of runs.entries()) {
    let speed = 0;
    for await (const row of trainDemoRun(config, run, interrupt.signal, (now) => speed = now)) {
      rows.push(row);
      await metrics.append(row);
      const status = `run ${index + 1} of ${runs.length}, epoch ${row.epoch} of ` +
        `${config.epochs}, ${speed.toFixed(0)} images/s, ${seconds().toFixed(0)} s`;
      table.draw([...tableOf(rows), [status]]);
    }
    if (interrupt.signal.aborted) break;
    if (!output.isTerminal) print(describe(rows.at(-1)!, seconds()));
  }
  table.draw([...tableOf(rows), [""]], { last: true });
  if (interrupt.signal.aborted) {
    print(`Interrupted after ${rows.length} epochs; they are in ${metricsPath}`);
    return interrupt.exitCode;
  }
  const path = join(folder, "report.html");
  const facts = { config, seeds, seconds: seconds(), versions: versions() };
  await Deno.writeTextFile(path, await demoReport(rows, facts));
  const of = seeds === 1 ? "seed 0" : `seeds 0 to ${seeds - 1}`;
  print(`Measured with ${of} in ${seconds().toFixed(0)} s`);
  print(`Open ${path}`);
  return 0;
}

/** One line for each setting: its last and best test error so far, over the seeds. */
function tableOf(rows: readonly EvaluatedRow[]): string[][] {
  const settings = new Map<string, EvaluatedRow[]>();
  for (const row of rows) {
    const name = `${row.method}, ${percent(row.labelNoise)} wrong labels`;
    settings.set(name, [...settings.get(name) ?? [], row]);
  }
  const body = Array.from(settings, ([name, rows]) => {
    const bySeed = Map.groupBy(rows, ({ seed }) => seed);
    const runs = Array.from(bySeed.values());
    const last = runs.map((run) => run.at(-1)!);
    const best = runs.map((run) => Math.min(...run.map(({ testError }) => testError)));
    return [
      name,
      String(runs.length),
      String(last.at(-1)!.epoch),
      percent(mean(last.map(({ trainError }) => trainError)), 1),
      percent(mean(last.map(({ testError }) => testError)), 1),
      percent(mean(best), 1),
    ];
  });
  return [["", "seeds", "epoch", "train error", "test error", "best"], ...body];
}

function describe(row: EvaluatedRow, seconds: number): string {
  return `${row.method}, ${percent(row.labelNoise)} wrong labels, seed ${row.seed}: ` +
    `test error ${percent(row.testError, 1)} (${seconds.toFixed(0)} s)`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percent(fraction: number, digits = 0): string {
  return `${(100 * fraction).toFixed(digits)} %`;
}

function versions(): string {
  return `Deno ${Deno.version.deno}, TensorFlow ${backend.binding.TF_Version}, ` +
    `${navigator.hardwareConcurrency} cores, ${new Date().toISOString().slice(0, 10)}`;
}
