import { log } from "./_log.ts";

/** While more than this waits for a peer, whoever sends has to wait. */
export const MAX_WAITING = 8 * 2 ** 20;
/** A peer for which that much waits has to take so many bytes within so many milliseconds. */
const MIN_TAKEN = 65_536, STALL_MS = 15_000;
const LOOK_MS = 1000;
/** Bytes offered to the operating system at a time, so that progress can be seen. */
const WRITE = 262_144;

/** What waits to be written to a connection; watches over a peer that reads nothing. */
export class Outgoing {
  readonly #conn: Deno.TcpConn;
  readonly #onEnd: () => void;
  readonly #queue: Uint8Array[] = [];
  /** Bytes that wait, and those that were taken since a time. */
  #waiting = 0;
  #taken = 0;
  #takenSince = 0;
  #writing = false;
  #watch: ReturnType<typeof setInterval> | undefined;
  #closed = false;
  readonly #wakes = new Set<() => void>();

  /** @param onEnd called when nothing more can be sent, or the peer has stalled */
  constructor(conn: Deno.TcpConn, onEnd: () => void) {
    this.#conn = conn;
    this.#onEnd = onEnd;
  }

  /** Bytes that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Queues bytes, which are written whole and in order. */
  send(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#queue.push(bytes);
    this.#waiting += bytes.length;
    if (this.#waiting > MAX_WAITING && this.#watch === undefined) {
      this.#taken = 0;
      this.#takenSince = performance.now();
      this.#watch = setInterval(() => this.#look(), LOOK_MS);
    }
    if (!this.#writing) void this.#write();
  }

  /** Whether no more than so many bytes wait, or the connection is closed. */
  hasRoom(most: number = MAX_WAITING): boolean {
    return this.#waiting <= most || this.#closed;
  }

  /** Resolves when there is room. */
  async whenRoom(most: number = MAX_WAITING): Promise<void> {
    while (!this.hasRoom(most)) {
      await new Promise<void>((resolve) => this.#wakes.add(resolve));
    }
  }

  /** Forgets what waits. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#watch);
    this.#queue.length = 0;
    this.#wake();
  }

  async #write(): Promise<void> {
    this.#writing = true;
    try {
      for (let bytes; (bytes = this.#queue.shift());) {
        for (let i = 0; i < bytes.length && !this.#closed;) {
          const count = await this.#conn.write(bytes.subarray(i, i + WRITE));
          i += count;
          this.#taken += count;
          this.#waiting -= count;
        }
        if (this.#waiting <= MAX_WAITING) {
          clearInterval(this.#watch);
          this.#watch = undefined;
        }
        this.#wake();
      }
    } catch {
      this.#onEnd();
    } finally {
      this.#writing = false;
    }
  }

  #look(): void {
    const now = performance.now();
    if (this.#taken >= MIN_TAKEN) {
      this.#taken = 0;
      this.#takenSince = now;
    } else if (now - this.#takenSince > STALL_MS) {
      const [waiting, most] = [this.#waiting, MAX_WAITING].map((n) => Math.round(n / 2 ** 20));
      log(
        `Disconnected a peer that reads nothing: in ${STALL_MS / 1000} s it took ${this.#taken} ` +
          `bytes, ${waiting} MB wait, and ${most} may`,
      );
      this.#onEnd();
    }
  }

  #wake(): void {
    for (const wake of this.#wakes) wake();
    this.#wakes.clear();
  }
}
