import type { Message } from "../wire/mod.ts";

/** So many requests may wait, before clients have to. */
const MAX_REQUESTS = 10_000;

/** The requests of the shell channel, which are answered one after another. */
export class RequestQueue {
  readonly #waiting: Message[] = [];
  #wake: (() => void) | undefined;
  #wakeReader: (() => void) | undefined;
  #workWaits = Promise.withResolvers<void>();
  #closed = false;

  /** Queues a request; resolves when there is room for more. */
  async push(request: Message): Promise<void> {
    this.#waiting.push(request);
    this.#wake?.();
    if (!isHelp(request)) {
      this.#workWaits.resolve();
      this.#workWaits = Promise.withResolvers<void>();
    }
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
    this.#waiting.push(...all.filter((request) => !isCell(request)));
    return all.filter(isCell);
  }

  /** Resolves when something waits that is no help for whoever types: help is to end. */
  whenWorkWaits(): Promise<void> {
    if (!this.#waiting.every(isHelp)) return Promise.resolve();
    return this.#workWaits.promise;
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
    this.#wakeReader?.();
  }
}

function isHelp({ header }: Message): boolean {
  return header.msg_type === "complete_request" || header.msg_type === "inspect_request";
}

function isCell({ header }: Message): boolean {
  return header.msg_type === "execute_request";
}
