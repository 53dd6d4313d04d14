import { type Json, textOf } from "../wire/mod.ts";

/** The comms that are open, whichever side opened them: their targets by id. */
export class OpenComms {
  readonly #targets = new Map<string, string>();

  /** Takes note of a `comm_open` or `comm_close`. */
  note(type: string, content: Json): void {
    const id = textOf(content, "comm_id");
    if (type === "comm_open") this.#targets.set(id, textOf(content, "target_name"));
    if (type === "comm_close") this.#targets.delete(id);
  }

  /** The evaluator that they led to is gone. */
  clear(): void {
    this.#targets.clear();
  }

  /** The content of a `comm_info_reply`: all, or those of the target that is asked for. */
  info({ target_name: target }: Json): Json {
    const comms = this.#targets.entries()
      .filter(([, name]) => typeof target !== "string" || target === name)
      .map(([id, target_name]) => [id, { target_name }] as const);
    return { status: "ok", comms: Object.fromEntries(comms) };
  }
}
