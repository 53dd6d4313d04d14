/**
 * Kills a training at random moments, fills its disk at random levels and damages its checkpoints;
 * each time it has to end with the parameters and the metrics of a run that nothing happened to:
 *
 *     deno task survive [--kills 200] [--disks 50] [--damages 50] [--workers 0] [--seed 1]
 *
 * A line now and then, one for each failure, and the counts at the end; exit code 1 if anything
 * failed. About fifteen minutes.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { runFolder } from "../../lib/train/mod.ts";
import { missingMount } from "../_skip.ts";
import { workerFaults } from "../distributed/random_faults.ts";
import { cli, tinyConfig, withFolder } from "./_runs.ts";

const help = `Kills a training at random moments, fills its disk, damages its checkpoints, and
compares what comes of it with an undisturbed run.

Usage: deno task survive [options]

  --kills n    Kills by SIGKILL, up to five in a run (default 200)
  --disks n    Runs on disks that are too small at first (default 50)
  --damages n  Runs whose newest checkpoint is damaged (default 50)
  --workers n  Faults of one of two or three workers that train together (default 10)
  --seed n     Of moments, sizes and damages (default 1)
  --help       Show this`;

/** Four epochs of ten steps, saved twenty times a second. */
const config = { ...tinyConfig, trainCount: 200, testCount: 40, epochs: 4 };
const FLAGS = [
  ...["--model", config.model, "--train-count", "200", "--test-count", "40", "--batch-size", "20"],
  ...["--epochs", "4", "--save-progress-seconds", "0.05", "--output-dir"],
];
const CLI = new URL("../../cli.ts", import.meta.url).pathname;
const MOST_KILLS = 5;

/** How often each thing is done. */
export interface Disturbances {
  readonly kills: number;
  readonly disks: number;
  readonly damages: number;
  readonly workers: number;
  readonly seed: number;
}

/** What is compared. */
interface Ended {
  readonly sha256: string;
  readonly metrics: string;
}

/** Random whole numbers below a bound, from a seed (mulberry32). */
export type Draw = (below: number) => number;

function drawsOf(seed: number): Draw {
  let state = seed;
  return (below) => {
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return Math.floor(((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32 * below);
  };
}

/** Trains to the end. @throws Error unless it ends as a run does */
async function finish(outputDir: string): Promise<Ended & { readonly stderr: string }> {
  await using child = cli(["train", ...FLAGS, outputDir]);
  const { code, stdout, stderr } = await child.ended;
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  const metrics = await Deno.readTextFile(join(outputDir, runFolder(config), "metrics.jsonl"));
  return { sha256: digestIn(stdout), metrics, stderr };
}

const digestIn = (text: string) => /^sha256 of the parameters: (.*)$/m.exec(text)?.[1] ?? text;

function compare(found: Ended, whole: Ended): void {
  if (found.sha256 !== whole.sha256) {
    throw new Error(`its parameters are ${found.sha256}, not ${whole.sha256}`);
  }
  if (found.metrics !== whole.metrics) {
    throw new Error(`its metrics are\n${found.metrics}not\n${whole.metrics}`);
  }
}

/** Kills it some times, each after up to as many milliseconds as a whole run takes. */
async function killed(whole: Ended, kills: number, milliseconds: number, draw: Draw) {
  await withFolder(async (folder) => {
    for (let kill = 0; kill < kills; kill++) {
      await using child = cli(["train", ...FLAGS, folder]);
      await Promise.race([child.ended, delay(draw(milliseconds))]);
      try {
        child.kill("SIGKILL");
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // it has ended
      }
      await child.ended;
    }
    compare(await finish(folder), whole);
  });
}

/** KiB of all that a run keeps and writes at once. */
const RUN_KIB = 2000;

/** First on a file system, or with files, of some KiB; then on one that is large enough. */
async function onSmallDisk(whole: Ended, canMount: boolean, draw: Draw) {
  await withFolder(async (folder) => {
    const kib = 8 + draw(RUN_KIB);
    const train = `"$@"; echo "code $?" >&2`;
    const metrics = `cat "$0"/${runFolder(config)}/metrics.jsonl >&2`;
    const script = canMount
      ? `mount -t tmpfs -o size=${kib}k none "$0"; ${train}; mount -o remount,size=64m "$0"; ` +
        `echo again >&2; ${train}; echo metrics >&2; ${metrics}`
      : `(trap "" XFSZ; ulimit -f ${2 * kib}; ${train}); echo again >&2; ${train}; ` +
        `echo metrics >&2; ${metrics}`;
    const shell = [...canMount ? ["unshare", "-rm"] : [], "sh", "-c", script, folder];
    const command = [...shell, Deno.execPath(), "run", "-A", CLI, "train", ...FLAGS, folder];
    const { stdout, stderr } = await new Deno.Command(command[0]!, {
      args: command.slice(1),
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder().decode(stderr);
    const [first = "", rest = ""] = text.split("again\n");
    const isTold = /^error: Cannot (?:write|save) \/.*\ncode 1\n$/m.test(first);
    if (!isTold && !/^code 0$/m.test(first)) throw new Error(`${kib} KiB were told as ${first}`);
    const [end = "", found = ""] = rest.split("metrics\n");
    if (!/^code 0$/m.test(end)) throw new Error(`after ${kib} KiB: ${rest}`);
    const digest = new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1)!;
    compare({ sha256: digestIn(digest), metrics: found }, whole);
  });
}

/** What becomes of a file, by name. */
const DAMAGES: Record<string, (path: string, bytes: Buffer, draw: Draw) => Promise<void>> = {
  async "a flipped bit"(path, bytes, draw) {
    const at = draw(bytes.length);
    bytes[at] = bytes[at]! ^ 1 << draw(8);
    await Deno.writeFile(path, bytes);
  },
  "a truncation": (path, bytes, draw) =>
    Deno.writeFile(path, bytes.subarray(0, draw(bytes.length))),
  async "a page of zeros"(path, bytes, draw) {
    const at = draw(bytes.length);
    await Deno.writeFile(path, Buffer.concat([bytes.subarray(0, at), Buffer.alloc(4096)]));
  },
  async "a folder in its place"(path) {
    await Deno.remove(path);
    await Deno.mkdir(join(path, "work"), { recursive: true });
  },
};

/** Kills it once it has two checkpoints, and damages the newer one. */
async function damaged(whole: Ended, milliseconds: number, draw: Draw) {
  await withFolder(async (folder) => {
    const path = join(folder, runFolder(config));
    const checkpoints = () => {
      try {
        return [...Deno.readDirSync(path)].map(({ name }) => name)
          .filter((name) => /^checkpoint_\d+\.safetensors$/.test(name)).sort();
      } catch {
        return [];
      }
    };
    {
      await using child = cli(["train", ...FLAGS, folder]);
      await child.until(() => checkpoints().length === 2);
      await delay(draw(milliseconds));
    }
    const name = Object.keys(DAMAGES)[draw(Object.keys(DAMAGES).length)]!;
    const newest = join(path, checkpoints().at(-1)!);
    await DAMAGES[name]!(newest, Buffer.from(await Deno.readFile(newest)), draw);
    try {
      const { stderr, ...ended } = await finish(folder);
      if (!stderr.includes("trying the checkpoint before it")) throw new Error("it did not warn");
      compare(ended, whole);
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  });
}

/**
 * Does all that, one after another.
 *
 * @param print gets lines about it
 * @returns how many runs ended as they shall, and how many did not
 */
export async function survive(
  { kills, disks, damages, workers, seed }: Disturbances,
  print: (line: string) => void,
): Promise<{ passed: number; failed: number }> {
  const draw = drawsOf(seed);
  const canMount = await missingMount() === undefined;
  const started = performance.now();
  let whole: Ended = { sha256: "", metrics: "" };
  await withFolder(async (folder) => void (whole = await finish(folder)));
  const milliseconds = performance.now() - started;
  print(`seed ${seed}; an undisturbed run takes ${(milliseconds / 1000).toFixed(1)} s`);
  const counts = { passed: 0, failed: 0 };
  let told = performance.now();

  async function attempt(name: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
      counts.passed++;
    } catch (error) {
      counts.failed++;
      print(`failed: ${name}: ${error instanceof Error ? error.message : error}`);
    }
    if (performance.now() - told < 10_000) return;
    told = performance.now();
    print(`${name}; ${counts.passed} passed, ${counts.failed} failed`);
  }

  for (let done = 0; done < kills;) {
    const now = Math.min(1 + draw(MOST_KILLS), kills - done);
    done += now;
    await attempt(`kill ${done} of ${kills}`, () => killed(whole, now, milliseconds, draw));
  }
  for (let disk = 1; disk <= disks; disk++) {
    await attempt(`disk ${disk} of ${disks}`, () => onSmallDisk(whole, canMount, draw));
  }
  for (let damage = 1; damage <= damages; damage++) {
    await attempt(`damage ${damage} of ${damages}`, () => damaged(whole, milliseconds / 2, draw));
  }
  for await (const { name, run } of workerFaults(workers, draw)) await attempt(name, run);
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  print(
    `${kills} kills, ${disks} disks, ${damages} damages, ${workers} faults of workers in ${minutes} ` +
      `min: ${counts.passed} passed, ${counts.failed} failed`,
  );
  return counts;
}

if (import.meta.main) {
  const count = { type: "string" } as const;
  const { values } = parseArgs({
    options: {
      kills: { ...count, default: "200" },
      disks: { ...count, default: "50" },
      damages: { ...count, default: "50" },
      workers: { ...count, default: "10" },
      seed: { ...count, default: "1" },
      help: { type: "boolean", default: false },
    },
  });
  // deno-lint-ignore no-console -- the lines are the point
  const print = (line: string) => console.log(line);
  const { kills, disks, damages, workers, seed } = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Number(value)]),
  ) as unknown as Disturbances;
  if (values.help) {
    print(help);
  } else if (
    [kills, disks, damages, workers, seed].some((value) => !(Number.isInteger(value) && value >= 0))
  ) {
    print("error: --kills, --disks, --damages, --workers and --seed must be whole numbers >= 0");
    Deno.exitCode = 2;
  } else {
    const { failed } = await survive({ kills, disks, damages, workers, seed }, print);
    Deno.exitCode = failed === 0 ? 0 : 1;
  }
}
