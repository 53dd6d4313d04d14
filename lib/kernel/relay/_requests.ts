import type { Message } from "../wire/mod.ts";

/** So many requests may wait, before clients have to. */
const MAX_REQUESTS = 10_000;

/** The requests of the shell channel, which are answered one after another. */
export class RequestQueue {
  readonly #waiting: Message[] = [];
  #wake: (() => void) | undefined;
  #wakeReader: (() => void) | undefined;
  #closed = false;

  /** Queues a request; resolves when there is room for more. */
  async push(request: Message): Promise<void> {
    this.#waiting.push(request);
    this.#wake?.();
    while (this.#waiting.length > MAX_REQUESTS && !this.#closed) {
      await new Promise<void>((resolve) => this.#wakeReader = resolve);
    }
  }

  /** The next request; undefined once the queue is closed. */
  async next(): Promise<Message | undefined> {
    while (!this.#closed) {
      const request = this.#waiting.shift();
      this.#wakeReader?.();
      if (request) return request;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Takes out the cells that wait, those on their way, too. */
  async takeCells(): Promise<Message[]> {
    await new Promise((resolve) => setTimeout(resolve));
    const all = this.#waiting.splice(0);
    const isCell = ({ header }: Message) => header.msg_type === "execute_request";
    this.#waiting.push(...all.filter((request) => !isCell(request)));
    return all.filter(isCell);
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
    this.#wakeReader?.();
  }
}
