/** Workers in processes of their own on this machine, for tests. @module */

import { freePorts } from "../../lib/system/mod.ts";

/** The repository, where they run. */
const ROOT = new URL("../../", import.meta.url).pathname;

/** What a worker left. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A worker that runs. */
export interface Worker extends AsyncDisposable {
  readonly process: Deno.ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits for a text in what it prints. */
  until(text: string): Promise<void>;
}

/** `TF_CONFIG` of a worker of a cluster on this machine. */
export function tfConfig(ports: readonly number[], index: number): string {
  const worker = ports.map((port) => `127.0.0.1:${port}`);
  return JSON.stringify({ cluster: { worker }, task: { type: "worker", index } });
}

/** Starts a process of deno. */
export function start(args: readonly string[], env: Record<string, string> = {}): Worker {
  const process = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let text = "";
  const waiting = new Set<() => void>();
  async function read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
    let all = "";
    for await (const part of stream.pipeThrough(new TextDecoderStream())) {
      all += part;
      text += part;
      waiting.forEach((wake) => wake());
    }
    return all;
  }
  const [stdout, stderr] = [read(process.stdout), read(process.stderr)];
  const ended = (async () => {
    const { code } = await process.status;
    const left = { code, stdout: await stdout, stderr: await stderr };
    waiting.forEach((wake) => wake());
    return left;
  })();
  let isOver = false;
  ended.then(() => isOver = true);
  return {
    process,
    ended,
    async until(wanted) {
      while (!text.includes(wanted)) {
        if (isOver) throw new Error(`It ended before "${wanted}": ${text}`);
        await new Promise<void>((resolve) => {
          const wake = () => (waiting.delete(wake), resolve());
          waiting.add(wake);
        });
      }
    },
    async [Symbol.asyncDispose]() {
      try {
        process.kill("SIGKILL");
      } catch { /* it has ended */ }
      await ended;
    },
  };
}

/** Runs TypeScript in a process of its own for each worker, by rank. */
export async function runWorkers(
  count: number,
  script: string,
  env: (rank: number) => Record<string, string> = () => ({}),
): Promise<Ended[]> {
  const ports = freePorts(count);
  const workers = ports.map((_, rank) =>
    start(["eval", "--no-check", "--ext=ts", script], {
      TF_CONFIG: tfConfig(ports, rank),
      ...env(rank),
    })
  );
  try {
    return await Promise.all(workers.map(({ ended }) => ended));
  } finally {
    await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
  }
}
