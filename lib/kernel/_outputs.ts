import { isJson, type Json, type Message, type Parent, textOf } from "./_message.ts";
import type { Draft } from "./_message.ts";

/** What the outputs need of the client. */
export interface OutputSink {
  publish(type: string, parent: Parent, content: Draft["content"]): Promise<void>;
  broadcast(draft: Draft): Promise<void>;
}

/** Stream text that comes within so many milliseconds, up to so many characters, is one message. */
const JOIN_MS = 10, JOIN_CHARACTERS = 65_536;
/** A single output longer than this is left out, with a message in its place. */
export const MAX_OUTPUT_BYTES = 128 * 2 ** 20;

/**
 * Passes the evaluator's outputs on, in order, as outputs of the cell that is running.
 *
 * Streams are joined: nbclient stops reading some seconds after the reply, whatever is left.
 * Errors are held back to the end of the cell: Deno's kernel lets them overtake queued text.
 */
export class Outputs {
  /** The request that outputs belong to. */
  parent: Parent = {};
  /** The number shown beside results: the evaluator does not see every cell. */
  count = 0;
  /** Whether a cell is running, so that errors can wait for its end. */
  holdErrors = false;
  /** The comms that are open: their targets by id. */
  readonly comms = new Map<string, string>();
  /** The last shown result as text, for the history. */
  lastResult: string | undefined;
  readonly #sink: OutputSink;
  #errors: Message[] = [];
  #stream = { name: "", parts: [] as string[], size: 0 };
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(sink: OutputSink) {
    this.#sink = sink;
  }

  /** Takes what the evaluator put out. */
  receive(message: Message): void {
    const { header: { msg_type: type }, content } = message;
    // The relay makes its own of these.
    if (type === "status" || type === "execute_input") return;
    if (type === "stream") return this.stream(textOf(content, "name"), textOf(content, "text"));
    if (type === "error" && this.holdErrors) return void this.#errors.push(message);
    this.flush();
    if (type === "relay_answer") return;
    if (type === "relay_file") return this.#passFile(message);
    if (type === "comm_open") {
      this.comms.set(textOf(content, "comm_id"), textOf(content, "target_name"));
    }
    if (type === "comm_close") this.comms.delete(textOf(content, "comm_id"));
    const { header, metadata, buffers, rawContent } = message;
    const numbered = type === "execute_result" ? this.#result(content) : rawContent;
    void this.#sink.broadcast({
      header,
      parent: this.parent,
      metadata,
      content: numbered,
      buffers,
    });
  }

  /** Shows text in the running cell. */
  stream(name: string, text: string): void {
    const joined = this.#stream;
    if (joined.size > 0 && (joined.name !== name || joined.size > JOIN_CHARACTERS)) this.flush();
    this.#stream.name = name;
    this.#stream.parts.push(text);
    this.#stream.size += text.length;
    this.#timer ??= setTimeout(() => this.flush(), JOIN_MS);
  }

  /** Sends joined text. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { name, parts, size } = this.#stream;
    if (size === 0) return;
    this.#stream = { name: "", parts: [], size: 0 };
    void this.#sink.publish("stream", this.parent, { name, text: parts.join("") });
  }

  /** Sends everything held back; `withErrors: false` drops the errors. */
  finish({ withErrors = true } = {}): void {
    this.flush();
    const errors = this.#errors;
    this.#errors = [];
    if (!withErrors) return;
    for (const { header, metadata, rawContent } of errors) {
      void this.#sink.broadcast({ header, parent: this.parent, metadata, content: rawContent });
    }
  }

  #result(content: Json): Json {
    const { data } = content;
    this.lastResult = isJson(data) ? textOf(data, "text/plain") : undefined;
    return { ...content, execution_count: this.count };
  }

  /** A big message that came by a file. */
  #passFile({ header, metadata, content, buffers }: Message): void {
    const path = textOf(content, "path"), type = textOf(content, "msg_type");
    const { size } = Deno.statSync(path);
    if (size > MAX_OUTPUT_BYTES) {
      Deno.removeSync(path);
      const [have, limit] = [size, MAX_OUTPUT_BYTES].map((bytes) => Math.round(bytes / 2 ** 20));
      this.stream("stderr", `Output left out: ${have} MB, and the limit is ${limit} MB\n`);
      return this.flush();
    }
    const bytes = Deno.readFileSync(path);
    Deno.removeSync(path);
    void this.#sink.broadcast({
      header: { ...header, msg_type: type },
      parent: this.parent,
      metadata,
      content: type === "execute_result"
        ? this.#result(JSON.parse(new TextDecoder().decode(bytes)))
        : bytes,
      buffers,
    });
  }
}
