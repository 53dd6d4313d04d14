import type { Buffer } from "node:buffer";
import type { EvaluatorOutput } from "../evaluator/mod.ts";
import { type Draft, type Header, isJson, type Json, type Parent, textOf } from "../wire/mod.ts";
import type { OpenComms } from "./_comms.ts";

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

/** What one request puts out. */
export interface CellOutputs {
  /** The number by which the evaluator knows it. */
  readonly number: number;
  /** The number shown beside it and its results. */
  readonly count: number;
  /** Its last shown result as text, for the history. */
  readonly result: string | undefined;
  /** Shows text in it, also when it is over. */
  tell(text: string): void;
  /** Sends what is joined; behind a request in passing, outputs belong to the cell before again. */
  end(): void;
}

export interface BeginOptions {
  /** Whether the number shown beside cells grows. */
  readonly counted?: boolean;
  /** A message for a comm: what comes later, from a timer, say, belongs to the cell before. */
  readonly passing?: boolean;
}

interface Cell {
  readonly header: Parent;
  readonly number: number;
  readonly count: number;
  result?: string | undefined;
}

/**
 * Passes the evaluator's outputs on, in order, as outputs of the cell that is running.
 *
 * Streams are joined: nbclient stops reading some seconds after the reply, whatever is left.
 */
export class Outputs {
  readonly #sink: OutputSink;
  readonly #comms: OpenComms;
  /** The cell that outputs belong to. */
  #current: Cell = { header: {}, number: 0, count: 0 };
  /** Cells by the evaluator's numbers of them. */
  readonly #cells = new Map<number, Cell>();
  #numbers = 0;
  /** The evaluator does not see every cell: its own count is another. */
  #count = 0;
  #stream = { name: "", parts: [] as string[], size: 0 };
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(sink: OutputSink, comms: OpenComms) {
    this.#sink = sink;
    this.#comms = comms;
  }

  /** The request that outputs belong to. */
  get parent(): Parent {
    return this.#current.header;
  }

  /** The number shown beside the last cell that was counted. */
  get count(): number {
    return this.#count;
  }

  /** What comes from now on belongs to this request. */
  begin(header: Header, { counted = false, passing = false }: BeginOptions = {}): CellOutputs {
    this.flush(); // what came between the cells belongs to the one before
    if (counted) this.#count++;
    const before = this.#current;
    const cell: Cell = { header, number: ++this.#numbers, count: this.#count };
    this.#current = cell;
    this.#cells.set(cell.number, cell);
    this.#cells.delete(cell.number - REMEMBERED_CELLS);
    return {
      number: cell.number,
      count: cell.count,
      get result() {
        return cell.result;
      },
      tell: (text) => {
        this.flush();
        this.#sink.publish("stream", header, { name: "stderr", text });
      },
      end: () => {
        this.flush();
        if (passing) this.#current = before;
      },
    };
  }

  /** Takes what the evaluator put out. */
  receive(output: EvaluatorOutput): void {
    if (output.type !== "message") return this.stream(output.type, output.text);
    const { head: { type, metadata }, content, buffers } = output;
    if (type === "status" || type === "execute_input") return; // the relay makes its own
    if (type === "stream") {
      const stream = parse(content);
      return this.stream(textOf(stream, "name"), textOf(stream, "text"));
    }
    this.flush();
    if (type === "relay_uncaught") return this.#uncaught(parse(content));
    if (type === "comm_open" || type === "comm_close") this.#comms.note(type, parse(content));
    const numbered = type === "execute_result" ? this.#result(parse(content)) : content;
    this.#sink.publish(type, this.#current.header, numbered, { metadata, buffers });
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
    this.#sink.publish("stream", this.#current.header, { name, text: parts.join("") });
  }

  /** An error that no cell waits for, shown where the cell is that it comes from. */
  #uncaught({ cell, text }: Json): void {
    const { header = this.#current.header, count } = this.#cells.get(Number(cell)) ?? {};
    const place = count === undefined ? "" : `In cell [${count}]: `;
    this.#sink.publish("stream", header, { name: "stderr", text: `${place}${text}` });
  }

  #result(content: Json): Json {
    const { data } = content;
    this.#current.result = isJson(data) ? textOf(data, "text/plain") : undefined;
    return { ...content, execution_count: this.#current.count };
  }
}

function parse(content: Buffer): Json {
  const value: unknown = JSON.parse(content.toString());
  return isJson(value) ? value : {};
}
