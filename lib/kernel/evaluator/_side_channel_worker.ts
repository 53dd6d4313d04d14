/**
 * The evaluator's end of the side channel, in a worker: it goes on while a cell keeps the main
 * thread busy. Lines from the relay: `interrupt <cell>`, `ping <n>`; to it: the token, `pong <n>`.
 *
 * @module
 */
import { TextLineStream } from "../_lines.ts";

interface Setup {
  readonly port: number;
  readonly token: string;
  readonly folder: string;
  readonly flag: Int32Array<SharedArrayBuffer>;
}

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(data: string): void;
};

async function run({ port, token, flag }: Setup): Promise<void> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  const encoder = new TextEncoder();
  const send = (line: string) => conn.write(encoder.encode(`${line}\n`));
  await send(token);
  scope.onmessage = ({ data }: MessageEvent<string>) => void send(data.replace("ping", "pong"));
  scope.postMessage("connected");
  const lines = conn.readable.pipeThrough(new TextDecoderStream()).pipeThrough(
    new TextLineStream(),
  );
  for await (const line of lines) {
    const [word, number] = line.split(" ");
    if (word === "interrupt") Atomics.store(flag, 0, Number(number));
    scope.postMessage(word === "interrupt" ? word : line);
  }
}

scope.onmessage = ({ data }: MessageEvent<Setup>) => {
  // The relay is gone: nobody could reach this process any more.
  run(data).catch(() => {})
    .finally(() => Deno.remove(data.folder, { recursive: true }).catch(() => {}))
    .finally(() => Deno.kill(Deno.pid, "SIGKILL"));
};
