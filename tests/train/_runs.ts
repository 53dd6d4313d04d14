/** Training runs of a second, for tests. @module */
import { join } from "node:path";
import type { TrainConfig, TrainEvent } from "../../lib/train/mod.ts";
import { defaultConfig, runFolder } from "../../lib/train/mod.ts";

/** Three epochs of three steps; the last 10 training examples are left over. */
export const tinyConfig: TrainConfig = {
  ...defaultConfig,
  model: "wide_resnet_10_1",
  trainCount: 70,
  testCount: 30,
  batchSize: 20,
  epochs: 3,
};

/** The events of one type. */
export function ofType<Type extends TrainEvent["type"]>(
  events: readonly TrainEvent[],
  type: Type,
): Extract<TrainEvent, { type: Type }>[] {
  return events.filter((event) => event.type === type) as Extract<TrainEvent, { type: Type }>[];
}

/** Reads events, and aborts once `when` holds for one. */
export async function readUntil(
  events: (signal: AbortSignal) => AsyncIterable<TrainEvent>,
  when: (event: TrainEvent) => boolean = () => false,
): Promise<TrainEvent[]> {
  const controller = new AbortController();
  const read: TrainEvent[] = [];
  for await (const event of events(controller.signal)) {
    read.push(event);
    if (when(event)) controller.abort();
  }
  return read;
}

/** The digest that a run ended with. */
export function sha256Of(events: readonly TrainEvent[]): string {
  return ofType(events, "end")[0]!.sha256;
}

/** What comes of an act with an empty folder, which is removed behind it. */
export async function withFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "sam_" });
  try {
    return await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The text of a file in the folder of a run. */
export function runFile(outputDir: string, config: TrainConfig, name: string): Promise<string> {
  return Deno.readTextFile(join(outputDir, runFolder(config), name));
}

/** Names of the files in the folder of a run, without TensorBoard's. */
export async function runFiles(outputDir: string, config: TrainConfig): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(outputDir, runFolder(config))));
  return entries.map(({ name }) => name).filter((name) => !name.startsWith("events.")).sort();
}

/** A process of the command line. */
export interface Cli extends AsyncDisposable {
  readonly pid: number;
  /** What it wrote so far. */
  readonly output: { stdout: string; stderr: string };
  /** Resolves when a text was written, or a condition holds; rejects if the process ends before. */
  until(condition: string | (() => boolean)): Promise<void>;
  kill(signal: Deno.Signal): void;
  /** Its exit code once it has ended: null if it was killed by a signal. */
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** Starts `cli.ts` in a process of its own. */
export function cli(args: readonly string[], env: Record<string, string> = {}): Cli {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL("../../cli.ts", import.meta.url).pathname, ...args],
    env: { NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = { stdout: "", stderr: "" };
  const collect = async (name: "stdout" | "stderr") => {
    for await (const text of child[name].pipeThrough(new TextDecoderStream())) output[name] += text;
  };
  let running = true;
  const ended = Promise.all([child.status, collect("stdout"), collect("stderr")])
    .then(([{ code, signal }]) => {
      running = false;
      return { code: signal === null ? code : null, ...output };
    });
  return {
    pid: child.pid,
    output,
    ended,
    kill: (signal) => child.kill(signal),
    async until(condition) {
      const holds = typeof condition === "string"
        ? () => (output.stdout + output.stderr).includes(condition)
        : condition;
      while (!holds()) {
        if (!running) throw new Error(`It ended before ${condition}: ${output.stderr}`);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
    async [Symbol.asyncDispose]() {
      if (running) child.kill("SIGKILL");
      await ended;
    },
  };
}
