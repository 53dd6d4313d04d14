import { timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import { TextLineStream } from "./_lines.ts";
import { log } from "./_log.ts";

const encoder = new TextEncoder();

/** A line to a worker in the evaluator, which can be reached while a cell keeps it busy. */
export class SideChannel {
  readonly token: string = crypto.randomUUID();
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #pongs = new Map<number, () => void>();
  #conn: Deno.TcpConn | undefined;
  #pings = 0;
  #closed = false;

  constructor() {
    void this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Asks the cell of this number to stop. */
  interrupt(cell: number): void {
    this.#send(`interrupt ${cell}`);
  }

  /** Whether the evaluator's event loop turns within so many milliseconds. */
  async isResponsive(milliseconds: number): Promise<boolean> {
    const ping = ++this.#pings;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), milliseconds);
    this.#pongs.set(ping, () => resolve(true));
    this.#send(`ping ${ping}`);
    const alive = await promise;
    clearTimeout(timer);
    this.#pongs.delete(ping);
    return alive;
  }

  close(): void {
    this.#closed = true;
    this.#listener.close();
    if (this.#conn) closeQuietly(this.#conn);
  }

  #send(line: string): void {
    this.#conn?.write(encoder.encode(`${line}\n`)).catch(() => {}); // gone: its end is noticed
  }

  async #accept(): Promise<void> {
    try {
      for await (const conn of this.#listener) {
        this.#serve(conn).catch(() => {}); // reset: the evaluator's end is noticed elsewhere
      }
    } catch (error) {
      if (!this.#closed) throw error;
    }
  }

  async #serve(conn: Deno.TcpConn): Promise<void> {
    conn.setNoDelay(true);
    const lines = conn.readable.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    for await (const line of lines) {
      if (this.#conn === conn) {
        const [, ping] = line.split(" ");
        this.#pongs.get(Number(ping))?.();
      } else if (!this.#conn && isSame(line, this.token)) {
        this.#conn = conn;
      } else {
        log("Refused a connection to the side channel: wrong token");
        return closeQuietly(conn);
      }
    }
  }
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function closeQuietly(conn: Deno.TcpConn): void {
  try {
    conn.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
