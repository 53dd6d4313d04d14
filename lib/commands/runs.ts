import { isDeepStrictEqual } from "node:util";
import { boolean, entry, entryWords, repeated, text } from "../schema/mod.ts";
import { alignColumns, type Output, printer } from "../terminal/mod.ts";
import { type KeptRun, readKeptRun, runFolders } from "../train/mod.ts";
import { readCommandLine } from "./_command.ts";
import { UsageError, valueOf } from "./_flags.ts";
import { settingNamed } from "./_grid.ts";
import { configFlags, nameOf } from "./_train_flags.ts";

export const command = {
  name: "runs",
  about:
    `Lists runs with the last and the least error of their evaluations. Settings by which the listed
runs differ have columns of their own.`,
  operands: { folder: entry(text(), "the folder of runs", "runs") },
  flags: {
    "where": entry(
      repeated(text()),
      "Only runs with a setting: sam-rho=0.05; one of several: sam-rho=0,0.05",
      [],
    ),
    "sort": entry(
      text(),
      "By last, best, epoch, folder or a setting; -best: the largest first",
      "folder",
    ),
    "json": entry(boolean(), "Lines of JSON with the whole configurations", false),
  },
  after:
    `Settings are named as in sweep's --grid. A run that is neither finished nor being trained was
stopped: the command that began it goes on with it.`,
};

/** A run in the list. */
interface Listed {
  readonly folder: string;
  readonly state: "finished" | "training" | "stopped";
  readonly epoch: number;
  readonly last?: number;
  readonly best?: number;
  readonly config: KeptRun["config"];
  readonly result?: KeptRun["result"];
}

/**
 * The command `runs`.
 *
 * @returns the exit code: 1 when a run cannot be read, which is told
 * @throws UsageError for a command line that cannot be carried out
 */
export async function runsCommand(args: readonly string[], output: Output): Promise<number> {
  const given = readCommandLine(command, args, output);
  if (given === undefined) return 0;
  const { where, sort, json } = given.flags;
  const print = printer(output);
  const { runs, problems } = await readAll(given.operands.folder);
  const listed = sorted(matching(runs, where), sort);
  if (json) listed.forEach((run) => print(JSON.stringify(run)));
  else if (listed.length === 0) print(`No runs in ${given.operands.folder}`);
  else tableOf(listed).forEach((line) => print(line));
  problems.forEach((problem) => print(problem));
  return problems.length === 0 ? 0 : 1;
}

async function readAll(folder: string): Promise<{ runs: Listed[]; problems: string[] }> {
  const runs: Listed[] = [];
  const problems: string[] = [];
  const found = await Deno.stat(folder).catch(() => undefined);
  if (found === undefined) throw new UsageError(`Cannot list ${folder}: there is no such folder`);
  if (!found.isDirectory) throw new UsageError(`Cannot list ${folder}: it is not a folder of runs`);
  for await (const path of runFolders(folder)) {
    try {
      runs.push(summary((await readKeptRun(path))!));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      problems.push(error.message);
    }
  }
  return { runs, problems };
}

function summary({ folder, config, rows, result, isTraining }: KeptRun): Listed {
  const errors = rows.map(({ testError }) => testError).filter((error) =>
    typeof error === "number"
  );
  return {
    folder,
    state: result ? "finished" : isTraining ? "training" : "stopped",
    epoch: rows.at(-1)?.epoch ?? 0,
    ...errors.length > 0 && { last: errors.at(-1)!, best: Math.min(...errors) },
    config,
    ...result && { result },
  };
}

/** @throws UsageError for settings that no listed run has */
function matching(runs: readonly Listed[], where: readonly string[]): Listed[] {
  let left = [...runs];
  for (const condition of where) {
    const [, name, texts] = /^([^=]+)=(.+)$/s.exec(condition) ?? [];
    if (name === undefined) throw new UsageError(`--where must be NAME=VALUE, got ${condition}`);
    const key = keyOf(name, runs);
    const flag = configFlags[nameOf(key)];
    const wanted = flag && entryWords(flag).repeats
      ? [valueOf(`--where ${name}`, flag, texts)]
      : texts!.split(",").map((part) => flag ? valueOf(`--where ${name}`, flag, part) : part);
    left = left.filter(({ config }) =>
      wanted.some((value) =>
        flag ? isDeepStrictEqual(config[key], value) : `${config[key]}` === value
      )
    );
  }
  return left;
}

/** The entry of a setting's name: a run's own, or one of `train`'s. */
function keyOf(name: string, runs: readonly Listed[]): string {
  return runs.some(({ config }) => Object.hasOwn(config, name)) ? name : settingNamed(name);
}

function sorted(runs: Listed[], by: string): Listed[] {
  const name = by.replace(/^-/, "");
  const key = ["last", "best", "epoch", "folder"].includes(name) ? undefined : keyOf(name, runs);
  const valueIn = (run: Listed) =>
    key === undefined ? run[name as "last" | "best" | "epoch" | "folder"] : run.config[key];
  const order = by.startsWith("-") ? -1 : 1;
  return runs.sort((a, b) => {
    const [first, second] = [valueIn(a), valueIn(b)];
    // Those without come last, whatever the order.
    if (first === undefined || second === undefined) {
      return Number(first === undefined) - Number(second === undefined);
    }
    if (typeof first === "number" && typeof second === "number") return order * (first - second);
    return order * (`${first}` < `${second}` ? -1 : Number(`${first}` > `${second}`));
  });
}

function tableOf(runs: readonly Listed[]): string[] {
  const keys = new Set(runs.flatMap(({ config }) => Object.keys(config)));
  const varied = [...keys].filter((key) =>
    runs.some(({ config }) => !isDeepStrictEqual(config[key], runs[0]!.config[key]))
  );
  const rows = runs.map(({ folder, state, epoch, last, best, config }) => [
    folder,
    ...varied.map((key) => config[key] === undefined ? "" : `${config[key]}`),
    `${epoch}/${config.epochs ?? "?"}`,
    percent(last),
    percent(best),
    state,
  ]);
  const head = ["run", ...varied.map(nameOf), "epochs", "last error", "best error", "state"];
  return alignColumns([head, ...rows], (column) => column > 0);
}

function percent(error: number | undefined): string {
  return error === undefined ? "" : `${(100 * error).toFixed(2)} %`;
}
