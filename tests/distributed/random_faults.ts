/** Random faults of one of several workers, for `deno task survive`. @module */
import { freePorts } from "../../lib/system/mod.ts";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { runFolder } from "../../lib/train/mod.ts";
import type { Draw } from "../train/survive.ts";
import { tinyConfig, withFolder } from "../train/_runs.ts";
import { start, tfConfig, type Worker } from "./_workers.ts";

/** Four epochs of ten steps, saved twenty times a second, of a batch that two and three can share. */
const config = { ...tinyConfig, trainCount: 240, testCount: 40, batchSize: 24, epochs: 4 };
const FLAGS = [
  ...["--model", config.model, "--train-count", "240", "--test-count", "40", "--batch-size", "24"],
  ...["--epochs", "4", "--save-progress-seconds", "0.05"],
];
/** Within which all others have to stop. */
const LIMIT_MS = 60_000;

function begin(out: string, ports: readonly number[], rank: number, flags: string[] = []): Worker {
  const command = ["run", "-q", "--allow-all", "cli.ts", "train", ...FLAGS, ...flags];
  return start([...command, "--output-dir", out], { TF_CONFIG: tfConfig(ports, rank) });
}

/** Does it to a worker that was begun. */
type Fault = (worker: Worker, draw: Draw, milliseconds: number) => Promise<void>;

const at = (signal: Deno.Signal): Fault => async ({ process, ended }, draw, milliseconds) => {
  await Promise.race([ended, delay(draw(milliseconds))]);
  try {
    process.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it has ended
  }
};

const FAULTS: Record<string, Fault> = {
  "killed": at("SIGKILL"),
  "stopped": at("SIGSTOP"),
  "asked to terminate": at("SIGTERM"),
};

/** Trains to the end, by all of them. */
async function finish(out: string, count: number) {
  const ports = freePorts(count);
  const workers = ports.map((_, rank) => begin(out, ports, rank));
  const all = await Promise.all(workers.map(({ ended }) => ended));
  const failed = all.find(({ code }) => code !== 0);
  if (failed !== undefined) throw new Error(`exit code ${failed.code}: ${failed.stderr}`);
  const sha256 = /^sha256 of the parameters: (.*)$/m.exec(all[0]!.stdout)?.[1];
  const metrics = await Deno.readTextFile(join(out, runFolder(config), "metrics.jsonl"));
  return { sha256, metrics };
}

/** One fault: the others stop in time and name the worker; begun again, all end as undisturbed. */
async function disturbed(
  count: number,
  fault: Fault,
  rank: number,
  draw: Draw,
  whole: { sha256: string | undefined; metrics: string; milliseconds: number },
) {
  await withFolder(async (out) => {
    const ports = freePorts(count);
    const workers = ports.map((_, rank) => begin(out, ports, rank));
    try {
      await fault(workers[rank]!, draw, whole.milliseconds);
      const others = workers.filter((_, other) => other !== rank);
      const ended = Promise.all(others.map(({ ended }) => ended));
      const left = await Promise.race([ended, delay(LIMIT_MS)]);
      if (left === undefined) throw new Error("the others did not stop within 60 s");
      for (const { code, stderr } of left) {
        const name = `worker ${rank} of ${count} (127.0.0.1:${ports[rank]})`;
        // It may have been over, or all were told to stop.
        if (code === 0 || code === 130 || code === 4 && stderr.includes(name)) continue;
        const all = left.map(({ code, stderr }) => `exit code ${code}: ${stderr.trim()}`);
        throw new Error(`one does not name ${name}:\n${all.join("\n")}`);
      }
    } finally {
      await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
    }
    const { sha256, metrics } = await finish(out, count);
    if (sha256 !== whole.sha256) {
      throw new Error(`its parameters are ${sha256}, not ${whole.sha256}`);
    }
    if (metrics !== whole.metrics) {
      throw new Error(`its metrics are\n${metrics}not\n${whole.metrics}`);
    }
  });
}

/** So many faults, of workers of clusters of two and three, one after another. */
export async function* workerFaults(
  faults: number,
  draw: Draw,
): AsyncGenerator<{ readonly name: string; readonly run: () => Promise<void> }> {
  const wholes = new Map<number, Awaited<ReturnType<typeof finish>> & { milliseconds: number }>();
  for (let index = 1; index <= faults; index++) {
    const count = 2 + draw(2);
    const rank = draw(count);
    const what = Object.keys(FAULTS)[draw(Object.keys(FAULTS).length)]!;
    const run = async () => {
      if (!wholes.has(count)) {
        const begun = performance.now();
        await withFolder(async (out) => {
          const ended = await finish(out, count);
          wholes.set(count, { ...ended, milliseconds: performance.now() - begun });
        });
      }
      await disturbed(count, FAULTS[what]!, rank, draw, wholes.get(count)!);
    };
    yield { name: `fault ${index} of ${faults}, worker ${rank} of ${count} ${what}`, run };
  }
}
