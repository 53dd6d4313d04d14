/**
 * The evaluator's end of the side channel, in a worker: it goes on while a cell keeps the main
 * thread busy. Two connections: one carries the outputs from shared memory to the relay; the other
 * has lines from the relay (`interrupt <cell>`, `ping <n> <milliseconds>`, `drain <n>`, `collect`,
 * `typed <n> <JSON>`) and to it (`loop <n> <turns, stands or polls>`,
 * `drained <n> <bytes of output so far>`).
 *
 * @module
 */
import { TextLineStream } from "../channel/mod.ts";
import { MAX_TYPED_BYTES, type Shared, Word } from "./_shared.ts";

interface Setup {
  readonly port: number;
  readonly token: string;
  readonly shared: Shared;
}

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(data: string): void;
};
const encoder = new TextEncoder();

async function run({ port, token, shared }: Setup): Promise<void> {
  const control = await connect(port, `${token}c`);
  const outputs = await connect(port, `${token}o`);
  const pump = pumpOf(shared, outputs);
  const send = (line: string) => writeAll(control, encoder.encode(`${line}\n`));
  const pings = new Map<string, () => void>();
  scope.onmessage = ({ data }: MessageEvent<string>) => {
    if (data === "output") pump().catch(end);
    else pings.get(data)?.();
  };
  /**
   * What the main thread does. Decided here, where a loaded machine delays the question and its
   * answer together, and not in the relay.
   */
  const look = async (number: string, milliseconds: number) => {
    const ping = `ping ${number}`;
    const { promise, resolve } = Promise.withResolvers<string>();
    const late = setTimeout(() => resolve(isPolling(shared) ? "polls" : "stands"), milliseconds);
    pings.set(ping, () => resolve("turns"));
    scope.postMessage(ping);
    const loop = await promise;
    clearTimeout(late);
    pings.delete(ping);
    await send(`loop ${number} ${loop}`);
  };
  scope.postMessage("connected");
  const lines = control.readable.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const line of lines) {
    const [word, number = "", ...rest] = line.split(" ");
    switch (word) {
      case "interrupt":
        Atomics.store(shared.words, Word.INTERRUPT, Number(number));
        scope.postMessage("interrupt");
        break;
      case "ping":
        look(number, Number(rest[0])).catch(end);
        break;
      case "collect":
        scope.postMessage(line);
        break;
      case "drain":
        await send(`drained ${number} ${Atomics.load(shared.words, Word.HEAD) >>> 0}`);
        pump().catch(end); // V8 may have stopped the main thread before it could wake this one
        break;
      case "typed":
        answer(shared, Number(number), JSON.parse(rest.join(" ")));
    }
  }
}

/** Whether the interrupted cell waits where it is about to see that it is interrupted. */
function isPolling({ words }: Shared): boolean {
  const cell = Atomics.load(words, Word.POLLING);
  return cell !== 0 && cell === Atomics.load(words, Word.INTERRUPT);
}

async function connect(port: number, greeting: string): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  await writeAll(conn, encoder.encode(greeting));
  return conn;
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let i = 0; i < bytes.length;) i += await conn.write(bytes.subarray(i));
}

/** A function that carries over what is in the ring, and then sleeps until it is called again. */
function pumpOf({ words, ring }: Shared, conn: Deno.TcpConn): () => Promise<void> {
  const chunk = new Uint8Array(ring.length / 4);
  let running = false;
  return async () => {
    if (running) return;
    running = true;
    for (;;) {
      const tail = Atomics.load(words, Word.TAIL) >>> 0;
      const waiting = (Atomics.load(words, Word.HEAD) - tail) >>> 0;
      if (waiting === 0) {
        Atomics.store(words, Word.ASLEEP, 1);
        if (Atomics.load(words, Word.HEAD) >>> 0 === tail) break;
        Atomics.store(words, Word.ASLEEP, 0);
        continue;
      }
      const at = tail % ring.length;
      const size = Math.min(waiting, chunk.length, ring.length - at);
      chunk.set(ring.subarray(at, at + size));
      Atomics.store(words, Word.TAIL, tail + size);
      Atomics.notify(words, Word.TAIL);
      await writeAll(conn, chunk.subarray(0, size));
      Atomics.store(words, Word.SENT, tail + size);
      Atomics.notify(words, Word.SENT);
    }
    running = false;
  };
}

/** Hands what the user typed to the main thread, which waits for it. */
function answer({ words, typed }: Shared, question: number, text: string | null): void {
  const bytes = encoder.encode(text ?? "").subarray(0, MAX_TYPED_BYTES);
  if (bytes.length > typed.byteLength) typed.grow(bytes.length);
  new Uint8Array(typed).set(bytes);
  Atomics.store(words, Word.TYPED, text === null ? -1 : bytes.length);
  Atomics.store(words, Word.ANSWERED, question);
  Atomics.notify(words, Word.ANSWERED);
}

/** The relay is gone: nobody could reach this process any more. */
function end(): void {
  Deno.kill(Deno.pid, "SIGKILL");
}

scope.onmessage = ({ data }: MessageEvent<Setup>) => void run(data).then(end, end);
