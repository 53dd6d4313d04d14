/** A sweep of several processes on this machine. @module */
import os from "node:os";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { signalTo } from "../system/mod.ts";
import { leaderEnvironment } from "./_leader.ts";
import { ownCommand } from "./_own_command.ts";
import type { SweepLine } from "./_sweep_lines.ts";

/** Who is told what. */
export interface JobsOptions {
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** What the processes tell. */
  onLine(line: SweepLine): void;
  /** What they write besides. */
  onText(text: string): void;
}

/**
 * Starts processes of the same sweep, which share its runs by their locks, and waits for all of them.
 * Each has its share of the cores. When the signal is aborted they are asked to save and end, and ask
 * themselves once this process is gone.
 *
 * @param args the command line of one of them, without `sweep`
 */
export async function runJobs(
  args: readonly string[],
  { jobs, signal, onLine, onText }: JobsOptions,
): Promise<void> {
  const threads = `${Math.max(1, Math.floor(os.availableParallelism() / jobs))}`;
  const env = { TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: threads };
  const command = new Deno.Command(Deno.execPath(), {
    args: ownCommand(["sweep", ...args, "--jobs=1", "--json"]),
    env: { ...env, ...Deno.env.toObject(), ...leaderEnvironment() },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const children = Array.from({ length: jobs }, () => command.spawn());
  const stop = () => children.forEach((child) => signalTo(child, "SIGTERM"));
  signal.addEventListener("abort", stop);
  try {
    await Promise.all(children.map(async (child, index) => {
      const [status] = await Promise.all([
        child.status,
        eachLine(child.stdout, (text) => onLine(JSON.parse(text))),
        eachLine(child.stderr, onText),
      ]);
      if (status.signal !== null) onText(`process ${index + 1} was ended by ${status.signal}`);
    }));
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function eachLine(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  use: (text: string) => void,
): Promise<void> {
  const input = Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]);
  for await (const line of createInterface({ input })) if (line !== "") use(line);
}
