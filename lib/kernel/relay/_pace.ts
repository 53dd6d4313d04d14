import type { Client } from "./_client.ts";

/** How fast the evaluator's outputs are taken: as fast as clients read them. */
export class Pace {
  readonly #client: Client;
  #hurrying = false;
  #hurry: (() => void) | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Resolves when more output can be sent. One reader of outputs waits here at a time. */
  async whenRoom(): Promise<void> {
    if (this.#hurrying) return await this.#client.whenRoom(true);
    await new Promise<void>((resolve) => {
      this.#hurry = () => void this.#client.whenRoom(true).then(resolve);
      void this.#client.whenRoom(false).then(resolve);
    });
    this.#hurry = undefined;
  }

  /** The cell is interrupted: it has little left to put out, and waits less for who does not read. */
  hurry(): void {
    this.#hurrying = true;
    this.#hurry?.();
  }

  /** The next cell is as slow as its clients. */
  slow(): void {
    this.#hurrying = false;
  }
}
