import { MAX_WAITING } from "../wire/mod.ts";
import type { Client } from "./_client.ts";

/** So much may come from an interrupted cell: what was on its way, and some last words. */
const LAST_WORDS = 2 * MAX_WAITING;

/** How fast the evaluator's outputs are taken: as fast as clients read them. */
export class Pace {
  readonly #client: Pick<Client, "waiting" | "whenRoom" | "whenWaiting">;
  /** How many bytes subscribers may be behind while an interrupted cell ends. */
  #most: number | undefined;
  #recheck: (() => void) | undefined;

  constructor(client: Pick<Client, "waiting" | "whenRoom" | "whenWaiting">) {
    this.#client = client;
  }

  /** Resolves when more output can be sent. One reader of outputs waits here at a time. */
  async whenRoom(): Promise<void> {
    let most: number | undefined;
    do {
      most = this.#most;
      const room = most === undefined ? this.#client.whenRoom() : this.#client.whenWaiting(most);
      await new Promise<void>((resolve) => {
        this.#recheck = resolve;
        void room.then(resolve);
      });
    } while (most !== this.#most);
  }

  /** The cell is interrupted: however far subscribers are behind, it ends without them. */
  hurry(): void {
    this.#set(this.#most ?? this.#client.waiting + LAST_WORDS);
  }

  /** The interrupted cell has ended: what is on its way, and what it is asked, waits for nobody. */
  finish(): void {
    // On a loaded machine it may have put out more than its last words before it saw the interrupt.
    // What is on its way has a bound of its own, the buffers' between here and the evaluator.
    if (this.#most !== undefined) this.#set(Infinity);
  }

  /** What comes behind it is as slow as clients are. */
  slow(): void {
    this.#set(undefined);
  }

  #set(most: number | undefined): void {
    this.#most = most;
    this.#recheck?.();
  }
}
