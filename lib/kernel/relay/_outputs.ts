import type { Buffer } from "node:buffer";
import type { Output } from "../evaluator/mod.ts";
import { type Draft, type Header, isJson, type Json, type Parent, textOf } from "../wire/mod.ts";

/** What the outputs need of the client. */
export interface OutputSink {
  /** A message to every client, of this type; content may be bytes of JSON. */
  publish(
    type: string,
    parent: Parent,
    content: Draft["content"],
    rest?: Pick<Draft, "metadata" | "buffers">,
  ): void;
}

/** Stream text that comes within so many milliseconds, up to so many characters, is one message. */
const JOIN_MS = 10, JOIN_CHARACTERS = 65_536;
/** How many cells back an error that nobody awaits still finds the cell it comes from. */
const REMEMBERED_CELLS = 1000;

/**
 * Passes the evaluator's outputs on, in order, as outputs of the cell that is running.
 *
 * Streams are joined: nbclient stops reading some seconds after the reply, whatever is left.
 */
export class Outputs {
  /** The request that outputs belong to. */
  parent: Parent = {};
  /** The number shown beside results: the evaluator does not see every cell. */
  count = 0;
  /** The comms that are open: their targets by id. */
  readonly comms = new Map<string, string>();
  /** The last shown result as text, for the history. */
  lastResult: string | undefined;
  readonly #sink: OutputSink;
  /** Requests and the numbers shown beside them, by the evaluator's numbers of the cells. */
  readonly #cells = new Map<number, { readonly header: Header; readonly count: number }>();
  #stream = { name: "", parts: [] as string[], size: 0 };
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(sink: OutputSink) {
    this.#sink = sink;
  }

  /** What comes from now on belongs to this request, which the evaluator knows by a number. */
  begin(header: Header, cell: number): void {
    this.flush(); // what came between the cells belongs to the one before
    this.parent = header;
    this.lastResult = undefined;
    this.#cells.set(cell, { header, count: this.count });
    this.#cells.delete(cell - REMEMBERED_CELLS);
  }

  /** Takes what the evaluator put out. */
  receive(output: Output): void {
    if (output.type !== "message") return this.stream(output.type, output.text);
    const { head: { type, metadata }, content, buffers } = output;
    if (type === "status" || type === "execute_input") return; // the relay makes its own
    if (type === "stream") {
      const stream = parse(content);
      return this.stream(textOf(stream, "name"), textOf(stream, "text"));
    }
    this.flush();
    if (type === "relay_uncaught") return this.#uncaught(parse(content));
    if (type === "comm_open") {
      const opened = parse(content);
      this.comms.set(textOf(opened, "comm_id"), textOf(opened, "target_name"));
    }
    if (type === "comm_close") this.comms.delete(textOf(parse(content), "comm_id"));
    const numbered = type === "execute_result" ? this.#result(parse(content)) : content;
    this.#sink.publish(type, this.parent, numbered, { metadata, buffers });
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
    this.#sink.publish("stream", this.parent, { name, text: parts.join("") });
  }

  /** An error that no cell waits for, shown where the cell is that it comes from. */
  #uncaught({ cell, text }: Json): void {
    const { header = this.parent, count } = this.#cells.get(Number(cell)) ?? {};
    const place = count === undefined ? "" : `In cell [${count}]: `;
    this.#sink.publish("stream", header, { name: "stderr", text: `${place}${text}` });
  }

  #result(content: Json): Json {
    const { data } = content;
    this.lastResult = isJson(data) ? textOf(data, "text/plain") : undefined;
    return { ...content, execution_count: this.count };
  }
}

function parse(content: Buffer): Json {
  const value: unknown = JSON.parse(content.toString());
  return isJson(value) ? value : {};
}
