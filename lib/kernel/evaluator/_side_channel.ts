import { timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import { log } from "../wire/mod.ts";
import { type EvaluatorOutput, RecordReader, TextLineStream } from "./channel/mod.ts";

const encoder = new TextEncoder();
/** Whoever connects has to say the token within so many milliseconds. */
const GREETING_MS = 5000;
const CHUNK = 262_144;

/** It turns, or stands still, or does so where the interrupted cell looks at its flag. */
export type EventLoop = "turns" | "stands" | "polls";

export interface SideChannelEvents {
  onOutput(output: EvaluatorOutput): void;
  /** Resolves when more output can be taken. */
  whenRoom(): Promise<void>;
}

/**
 * The relay's end of two connections to a worker in the evaluator, which can be reached while a cell
 * keeps the evaluator busy: one brings the outputs, one carries lines; see
 * `inside/_side_channel_worker.ts`.
 */
export class SideChannel {
  readonly token: string = crypto.randomUUID();
  /** Resolves when all outputs were taken, and no more will come. */
  readonly exhausted: Promise<void>;
  readonly #events: SideChannelEvents;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #looks = new Map<number, (loop: EventLoop) => void>();
  readonly #drains = new Map<number, (position: number) => void>();
  /** Who waits until so many bytes of output were taken. */
  readonly #takers = new Set<{ readonly position: number; resolve(): void }>();
  readonly #end = Promise.withResolvers<void>();
  /** Where lines are sent, once it is there. */
  readonly #listening = Promise.withResolvers<Deno.TcpConn>();
  #control: Deno.TcpConn | undefined;
  #outputs: Deno.TcpConn | undefined;
  /** Bytes of output that were taken, modulo 2^32. */
  #taken = 0;
  #questions = 0;
  #closed = false;

  constructor(events: SideChannelEvents) {
    this.#events = events;
    this.exhausted = this.#end.promise;
    void this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Asks the cell of this number to stop. */
  interrupt(cell: number): void {
    this.#send(`interrupt ${cell}`);
  }

  /** Has the evaluator collect garbage; see `interruptCell`. */
  collect(): void {
    this.#send("collect");
  }

  /** Answers a cell's question for input; null if there is nobody to ask. */
  type(question: number, text: string | null): void {
    this.#send(`typed ${question} ${JSON.stringify(text)}`);
  }

  /**
   * What the evaluator's event loop does within so many milliseconds; undefined if its worker, which
   * is to look, does not answer within `patience` more.
   */
  async eventLoop(milliseconds: number, patience = 1000): Promise<EventLoop | undefined> {
    const ping = ++this.#questions;
    const { promise, resolve } = Promise.withResolvers<EventLoop | undefined>();
    const timer = setTimeout(() => resolve(undefined), milliseconds + patience);
    this.#looks.set(ping, resolve);
    this.#send(`ping ${ping} ${milliseconds}`);
    const loop = await promise;
    clearTimeout(timer);
    this.#looks.delete(ping);
    return loop;
  }

  /** Resolves when everything that was put out before this call was taken, or nothing will come. */
  async drained(): Promise<void> {
    const question = ++this.#questions;
    const answered = new Promise<number>((resolve) => this.#drains.set(question, resolve));
    this.#send(`drain ${question}`);
    const position = await Promise.race([answered, this.exhausted]);
    this.#drains.delete(question);
    if (position === undefined || this.#isTaken(position)) return;
    await new Promise<void>((resolve) => this.#takers.add({ position, resolve }));
  }

  /** The evaluator has ended: if it never connected, it never will. */
  closeUnlessConnected(): void {
    if (!this.#outputs) this.close();
  }

  /** Ends both connections; outputs that were not taken are lost. */
  close(): void {
    this.#stopListening();
    for (const conn of [this.#control, this.#outputs]) if (conn) closeQuietly(conn);
    if (!this.#outputs) this.#finish();
  }

  /** Nobody else may connect, and nobody will. */
  #stopListening(): void {
    if (!this.#closed) this.#listener.close();
    this.#closed = true;
  }

  #send(line: string): void {
    void this.#listening.promise.then((conn) => writeAll(conn, encoder.encode(`${line}\n`)))
      .catch(() => {}); // gone: its end is noticed elsewhere
  }

  async #accept(): Promise<void> {
    while (!this.#closed) {
      try {
        const conn = await this.#listener.accept();
        void this.#greet(conn);
      } catch (error) {
        if (this.#closed) return;
        log(`Cannot accept the evaluator's connection: ${error}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  /** The token, then `c` or `o` for the control lines or the outputs. */
  async #greet(conn: Deno.TcpConn): Promise<void> {
    const late = setTimeout(() => closeQuietly(conn), GREETING_MS);
    const expected = encoder.encode(this.token);
    const said = await readExactly(conn, expected.length + 1).catch(() => undefined);
    clearTimeout(late);
    const kind = String.fromCharCode(said?.at(-1) ?? 0);
    const knowsToken = said && timingSafeEqual(said.subarray(0, expected.length), expected);
    if (!knowsToken || this.#closed) {
      log("Refused a connection to the side channel: wrong token");
      return closeQuietly(conn);
    }
    conn.setNoDelay(true);
    if (kind === "c") {
      this.#listening.resolve(this.#control = conn);
      void this.#readControl(conn);
    } else void this.#readOutputs(this.#outputs = conn);
    if (this.#control && this.#outputs) this.#stopListening();
  }

  async #readControl(conn: Deno.TcpConn): Promise<void> {
    const lines = conn.readable.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    try {
      for await (const line of lines) {
        const [word, number, said] = line.split(" ");
        if (word === "loop") this.#looks.get(Number(number))?.(said as EventLoop);
        else this.#drains.get(Number(number))?.(Number(said));
      }
    } catch {
      // Reset: the evaluator's end is noticed elsewhere.
    }
  }

  async #readOutputs(conn: Deno.TcpConn): Promise<void> {
    const records = new RecordReader();
    try {
      for (;;) {
        const chunk = Buffer.allocUnsafeSlow(CHUNK);
        const count = await conn.read(chunk);
        if (count === null) break;
        for (const output of records.take(chunk.subarray(0, count))) this.#events.onOutput(output);
        this.#taken = (this.#taken + count) >>> 0;
        for (const taker of this.#takers) {
          if (!this.#isTaken(taker.position)) continue;
          this.#takers.delete(taker);
          taker.resolve();
        }
        await this.#events.whenRoom();
      }
    } catch (error) {
      if (!this.#closed && !(error instanceof Deno.errors.ConnectionReset)) {
        log(`Cannot read the evaluator's outputs: ${error instanceof Error ? error.stack : error}`);
      }
    } finally {
      closeQuietly(conn);
      this.#finish();
    }
  }

  /** Positions are modulo 2^32, and never further apart than what is in flight. */
  #isTaken(position: number): boolean {
    return ((this.#taken - position) | 0) >= 0;
  }

  #finish(): void {
    this.#end.resolve();
    for (const { resolve } of this.#takers) resolve();
    this.#takers.clear();
  }
}

async function readExactly(conn: Deno.TcpConn, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  for (let have = 0; have < size;) {
    const count = await conn.read(bytes.subarray(have));
    if (count === null) throw new Deno.errors.UnexpectedEof("The peer closed the connection");
    have += count;
  }
  return bytes;
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let i = 0; i < bytes.length;) i += await conn.write(bytes.subarray(i));
}

function closeQuietly(conn: Deno.TcpConn): void {
  try {
    conn.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
