import type { Json, Message } from "../wire/mod.ts";
import type { Client } from "./_client.ts";

/** Questions for input: a cell's, passed on to whoever runs the cell. */
export class Questions {
  readonly #client: Client;
  /** The request whose client is asked. */
  #asker: Message | undefined;
  /** Answers the question that is open. */
  #answer: ((text: string | null) => void) | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** The client of this request is asked from now on. */
  begin(request: Message): void {
    this.#asker = request;
  }

  /** What is typed from now on answers nothing. */
  end(): void {
    this.#answer = undefined;
  }

  /** Asks, if there is a client and it takes questions. */
  ask(content: Json, answer: (text: string | null) => void): void {
    const asker = this.#asker;
    if (!asker || asker.content.allow_stdin !== true) return answer(null);
    this.#answer = answer;
    this.#client.ask(asker.ids, "input_request", asker.header, content);
  }

  /** What the user has typed. */
  answer(text: string): void {
    this.#answer?.(text);
    this.#answer = undefined;
  }
}
