/**
 * `deno task bench`: times this library and its peers side by side in one run and prints the ratios.
 *
 * Every contestant is a process of its own that stays alive and idle while another is timed; they
 * are timed in rounds in turn. Each bench is a file of this folder, listed in `_registry.ts`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { checkOut } from "./_checkout.ts";
import { missed } from "./_contest.ts";
import { note, print } from "./_print.ts";
import { readRecords, withFigures } from "./_readme.ts";
import { benches } from "./_registry.ts";
import { UsageError } from "./_usage_error.ts";
import { assertWritable, circumstances, type Row, table, writeRows } from "./_report.ts";
import { type Bench, type Session, WRN_10_1, WRN_16_4 } from "./_session.ts";
import type { Precision } from "../lib/tensorflow/mod.ts";
import { benchPython, NoPythonError } from "./_venv.ts";

/** Not those of the engine, which would start TensorFlow here, beside the contestants. */
const PRECISIONS: readonly Precision[] = ["float32", "bfloat16"];

/** What the command line asks for. */
export interface BenchOptions {
  readonly only: readonly Bench[];
  /** A commit to be compared with. */
  readonly against: string | undefined;
  readonly json: string | undefined;
  readonly rounds: number;
  readonly precision: Precision;
  readonly quick: boolean;
  readonly python: boolean;
  /** Whether README's table is written, and nothing measured. */
  readonly readme: boolean;
}

/** The text of `--help`. */
export function help(): string {
  const width = Math.max(...benches.map(({ name }) => name.length));
  return `Usage: deno task bench [options]

Times training steps, pipeline, start-up and memory, ours beside PyTorch's and JAX's, and prints
one table. The peers' Python packages are installed once, into .venv/bench.

  --only NAME[,NAME]  these benches alone
  --against COMMIT    our side beside that commit's, and no other bench unless --only names it
  --json FILE         also write the rows as JSON: name, value, unit, peer, ratio, and where and when
  --precision NAME    float32 (default) or bfloat16, PyTorch's by autocast; JAX has float32 only
  --rounds N          rounds in turn (default 5)
  --quick             a tiny network and 2 rounds: shows that all works, judges nothing
  --no-python         our side alone
  --readme            write the figures of bench/records into README.md, and measure nothing
  --help              this text

Benches:
${benches.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join("\n")}`;
}

/** Reads the command line; undefined where it asks for help. Throws `UsageError`. */
export function parse(args: readonly string[]): BenchOptions | undefined {
  const options = {
    help: { type: "boolean", short: "h" },
    only: { type: "string" },
    against: { type: "string" },
    json: { type: "string" },
    rounds: { type: "string" },
    precision: { type: "string" },
    quick: { type: "boolean" },
    "no-python": { type: "boolean" },
    readme: { type: "boolean" },
  } as const;
  const { values } = parsed(() => parseArgs({ args: [...args], options, strict: true }));
  if (values.help) return undefined;
  const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new UsageError(`Cannot use --rounds ${values.rounds}: it must be a whole number >= 1`);
  }
  const precision = PRECISIONS.find((name) => name === (values.precision ?? "float32"));
  if (precision === undefined) {
    throw new UsageError(
      `Cannot use --precision ${values.precision}: there is ${PRECISIONS.join(", ")}`,
    );
  }
  return {
    precision,
    only: chosen(values.only ?? (values.against && "against")),
    against: values.against,
    json: values.json,
    rounds,
    quick: values.quick ?? false,
    readme: values.readme ?? false,
    // Another commit is no other library.
    python: !values["no-python"] && (values.against === undefined || values.only !== undefined),
  };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(error.message.split(". ")[0] ?? error.message); // names the flag
  }
}

function chosen(only: string | undefined): readonly Bench[] {
  if (only === undefined) return benches.filter(({ name }) => name !== "against");
  return only.split(",").map((name) => {
    const bench = benches.find((bench) => bench.name === name);
    if (bench !== undefined) return bench;
    const names = benches.map(({ name }) => name).join(", ");
    throw new UsageError(`Cannot use --only ${name}: there is ${names}`);
  });
}

/** Writes the records' figures into README. */
async function writeReadme(): Promise<void> {
  const readme = new URL("../README.md", import.meta.url);
  const records = await readRecords(new URL("records/", import.meta.url));
  await Deno.writeTextFile(readme, withFigures(await Deno.readTextFile(readme), records));
}

/** Runs the chosen benches and prints; true where all could be measured. */
export async function bench(options: BenchOptions): Promise<boolean> {
  if (options.json !== undefined) await assertWritable(options.json);
  const missing = new Set<string>();
  await using against = options.against === undefined ? undefined : await checkOut(options.against);
  const session: Session = {
    against,
    python: options.python ? await pythonOr(missing) : undefined,
    network: options.quick ? WRN_10_1 : WRN_16_4,
    precision: options.precision,
    rounds: options.rounds,
    steps: 3,
    quick: options.quick,
    versions: new Set(),
    missing,
  };
  const { load } = circumstances(options.quick, []);
  const cores = navigator.hardwareConcurrency;
  if (load > cores / 4) {
    note(
      `Note: the load average is ${load.toFixed(2)} on ${cores} cores; other work disturbs times`,
    );
  }
  const rows: Row[] = [];
  for (const { name, run } of options.only) {
    note(`${name}:`);
    try {
      rows.push(...await run(session));
    } catch (error) {
      missed(session, error);
    }
  }
  const where = { ...circumstances(options.quick, [...session.versions]), load };
  print(table(rows, where));
  for (const message of session.missing) print(`\nNot measured: ${message}`);
  if (options.json !== undefined) await writeRows(options.json, rows, where);
  return session.missing.size === 0;
}

/** The peers' Python; without one our side is timed alone, and the report says so. */
async function pythonOr(missing: Set<string>): Promise<string | undefined> {
  try {
    return await benchPython();
  } catch (error) {
    if (!(error instanceof NoPythonError)) throw error;
    note(error.message);
    missing.add(error.message);
    return undefined;
  }
}

if (import.meta.main) {
  try {
    const options = parse(Deno.args);
    if (options === undefined) print(help());
    else if (options.readme) await writeReadme();
    else if (!await bench(options)) Deno.exit(1);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    note(error.message);
    Deno.exit(2);
  }
}
