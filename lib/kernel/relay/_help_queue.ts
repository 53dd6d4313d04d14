import { log } from "../wire/mod.ts";

/** So many may wait for the language server, before other requests have to wait behind them. */
const MAX_HELP = 20;

/** Requests for help, which are answered one after another beside all others. */
export class HelpQueue {
  #last = Promise.resolve();
  #waiting = 0;

  /** Adds one; resolves at once, or when there is room for more. */
  async add(answer: () => Promise<void>): Promise<void> {
    this.#waiting++;
    const last = this.#last = this.#last.then(answer)
      .catch((error) => log(`Cannot answer a request for help: ${error}`))
      .finally(() => this.#waiting--);
    if (this.#waiting > MAX_HELP) await last;
  }
}
