import { freePorts, signalTo } from "../system/mod.ts";
import { leaderEnvironment } from "./_leader.ts";
import { ownCommand } from "./_own_command.ts";

const LOOPBACK = "127.0.0.1";
const encoder = new TextEncoder();

/**
 * Runs a command in several processes of this machine, as workers of one cluster on loopback: for
 * trying it. The chief has this process's output; what the others say on standard error is told with
 * their number. Signals are handed on; each worker asks itself to terminate once this process is gone.
 *
 * @param args the command line of each
 * @returns the exit code of the chief, or of the first other that failed where it did not
 */
export async function runLocalWorkers(count: number, args: readonly string[]): Promise<number> {
  const worker = freePorts(count).map((port) => `${LOOPBACK}:${port}`);
  const processes = worker.map((_, index) =>
    new Deno.Command(Deno.execPath(), {
      args: ownCommand(args),
      env: {
        TF_CONFIG: JSON.stringify({ cluster: { worker }, task: { type: "worker", index } }),
        ...leaderEnvironment(),
      },
      stdin: "null",
      stdout: index === 0 ? "inherit" : "null",
      stderr: index === 0 ? "inherit" : "piped",
    }).spawn()
  );
  const handOn = (signal: Deno.Signal) => () =>
    processes.forEach((child) => signalTo(child, signal));
  const handlers = [
    // A terminal sends it to all processes by itself.
    ...Deno.stdin.isTerminal() ? [] : [["SIGINT", handOn("SIGINT")] as const],
    ["SIGTERM", handOn("SIGTERM")] as const,
  ];
  const ignoreInterrupt = () => {};
  Deno.addSignalListener("SIGINT", ignoreInterrupt);
  handlers.forEach(([signal, handler]) => Deno.addSignalListener(signal, handler));
  try {
    const told = processes.slice(1).map(({ stderr }, index) =>
      tell(stderr, `worker ${index + 1}: `)
    );
    const codes = await Promise.all(processes.map(async ({ status }) => (await status).code));
    await Promise.all(told);
    return codes.find((code) => code !== 0) ?? 0;
  } finally {
    Deno.removeSignalListener("SIGINT", ignoreInterrupt);
    handlers.forEach(([signal, handler]) => Deno.removeSignalListener(signal, handler));
    processes.forEach((child) => signalTo(child, "SIGTERM"));
  }
}

/** Writes what comes, line by line, to standard error. */
async function tell(from: ReadableStream<Uint8Array<ArrayBuffer>>, prefix: string): Promise<void> {
  let rest = "";
  for await (const text of from.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) Deno.stderr.writeSync(encoder.encode(`${prefix}${line}\n`));
  }
  if (rest !== "") Deno.stderr.writeSync(encoder.encode(`${prefix}${rest}\n`));
}
