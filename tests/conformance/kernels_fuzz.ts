/**
 * Random calls of every kernel, with extents of 0 and 1, against TensorFlow.js's `cpu` backend:
 *
 *     deno task kernels-fuzz [--cases 20000] [--seed 1] [--only NAMES] [--huge]
 *
 * Each case is run at once and, now and then, inside a compiled function. The cases run in a process of
 * its own, where fresh memory is filled (glibc's `MALLOC_PERTURB_`), so that values that nothing has
 * written show; a case that ends the process is counted as a failure, and the next one begins another.
 *
 * With `--huge` the sizes, steps and places are enormous: every case has to give a result or a refusal.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { runCases } from "./fuzz/_run.ts";
import { FAMILIES } from "./fuzz/_families.ts";
import { HUGE_FAMILIES } from "./fuzz/_huge.ts";
import { runHugeCases } from "./fuzz/_run_huge.ts";

/** What became of the cases. */
export interface Counts {
  readonly cases: number;
  /** Those that both backends refuse. */
  refused: number;
  /** Those that are in the list of known differences; of enormous ones, those passed over. */
  known: number;
  /** A line for each case that failed. */
  readonly failures: string[];
}

/** A process that runs no case for so long hangs. */
const PATIENCE_MS = 60_000;

/** What is drawn. */
interface Options {
  readonly seed?: number;
  /** Names of operations; default all. */
  readonly only?: readonly string[];
  /** Enormous sizes, without a reference. */
  readonly huge?: boolean;
}

/** Runs cases in child processes. */
export async function fuzzKernels(
  cases: number,
  { seed = 1, only = [], huge = false }: Options = {},
): Promise<Counts> {
  const counts: Counts = { cases, refused: 0, known: 0, failures: [] };
  for (let first = 0; first < cases;) {
    first = await runChild({ first, cases, seed, only, huge }, counts);
  }
  return counts;
}

/** Runs cases from `first` on until the end, or the end of the process. @returns the next one */
async function runChild(
  batch: Required<Options> & { first: number; cases: number },
  counts: Counts,
): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-check", "--allow-read", "--allow-env", "--allow-ffi"].concat(
      import.meta.filename!,
      "--worker",
      JSON.stringify(batch),
    ),
    env: { MALLOC_PERTURB_: "165", NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  let at = batch.first, text = "";
  let name = "", timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    clearTimeout(timer);
    timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    const lines = (text + chunk).split("\n");
    text = lines.pop()!;
    for (const line of lines) {
      const report = JSON.parse(line) as Record<string, string | number>;
      if (report.begun !== undefined) [at, name] = [Number(report.begun), `${report.name}`];
      if (report.refused !== undefined) counts.refused++;
      if (report.known !== undefined) counts.known++;
      if (report.failure !== undefined) counts.failures.push(`${at} ${name}: ${report.failure}`);
    }
  }
  clearTimeout(timer);
  const { code, signal } = await child.status;
  if (code === 0) return batch.cases;
  const said = (await stderr).trim().split("\n").slice(0, 2).join(" ");
  counts.failures.push(`${at} ${name}: the process ended with ${signal ?? code}: ${said}`);
  return at + 1;
}

const HELP = `Random calls of every kernel, against TensorFlow.js's cpu backend.

Usage: deno task kernels-fuzz [options]

  --cases N     How many calls (default 20000)
  --seed N      Of what is drawn (default 1)
  --only NAMES  Of these operations alone, with commas
  --huge        Enormous sizes: each call gives a result or a refusal
  --help        Show this`;

if (import.meta.main) {
  const print = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  const { values } = parseArgs({
    options: {
      cases: { type: "string", default: "20000" },
      seed: { type: "string", default: "1" },
      only: { type: "string", default: "" },
      huge: { type: "boolean", default: false },
      worker: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    print(HELP);
    Deno.exit(0);
  }
  if (values.worker !== undefined) {
    const batch = JSON.parse(values.worker);
    (batch.huge ? runHugeCases : runCases)(batch);
    Deno.exit(0);
  }
  const started = performance.now();
  const { cases, refused, known, failures } = await fuzzKernels(Number(values.cases), {
    seed: Number(values.seed),
    only: values.only.split(",").filter((name) => name !== ""),
    huge: values.huge,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  failures.forEach(print);
  const rest = values.huge
    ? `${refused} refused, ${known} passed over as large, the rest with a result`
    : `${known} differ as listed, ${refused} refused by both`;
  const operations = Object.keys(values.huge ? HUGE_FAMILIES : FAMILIES).length;
  print(
    `${cases} cases of ${operations} operations in ${seconds} s: ${failures.length} failed, ${rest}`,
  );
  Deno.exit(failures.length > 0 ? 1 : 0);
}
