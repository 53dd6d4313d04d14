import { MAX_WAITING } from "../wire/mod.ts";
import type { Client } from "./_client.ts";

/** So much may come from an interrupted cell: what was on its way, and some last words. */
const LAST_WORDS = 2 * MAX_WAITING;

/** How fast the evaluator's outputs are taken: as fast as clients read them. */
export class Pace {
  readonly #client: Pick<Client, "waiting" | "whenRoom" | "whenWaiting">;
  /** How many bytes subscribers may be behind while an interrupted cell ends. */
  #most: number | undefined;
  #hurry: (() => void) | undefined;

  constructor(client: Pick<Client, "waiting" | "whenRoom" | "whenWaiting">) {
    this.#client = client;
  }

  /** Resolves when more output can be sent. One reader of outputs waits here at a time. */
  async whenRoom(): Promise<void> {
    const most = this.#most;
    if (most !== undefined) return await this.#client.whenWaiting(most);
    await new Promise<void>((resolve) => {
      this.#hurry = resolve;
      void this.#client.whenRoom().then(resolve);
    });
    this.#hurry = undefined;
  }

  /** The cell is interrupted: however far subscribers are behind, it ends without them. */
  hurry(): void {
    this.#most ??= this.#client.waiting + LAST_WORDS;
    this.#hurry?.();
  }

  /** The next cell is as slow as its clients. */
  slow(): void {
    this.#most = undefined;
  }
}
