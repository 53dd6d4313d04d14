import { Buffer } from "node:buffer";

/**
 * What the evaluator's outputs look like on their way to the relay: pieces of a kind and a length
 * (five bytes), then so many bytes. Text is a piece each, in UTF-8. A message is one or more pieces:
 * the first starts with the length of a head in JSON, then come content and buffers. A piece is in
 * the stream whole or not at all; a message whose last piece is missing, because V8 was told to stop
 * the code that sent it, ends where another one starts.
 */
export const STDOUT = 1, STDERR = 2, MESSAGE = 4, FIRST = 1, LAST = 2;
/** Bytes in front of a piece: the kind, then its length in little endian. */
export const PIECE_HEAD = 5;
/** A piece is no longer, without what is in front. */
export const MAX_PIECE = 65_536;

/** A single output longer than this is left out, with a message in its place. */
export const MAX_OUTPUT_BYTES = 128 * 2 ** 20;

/** What stands in front of a message's content. */
export interface MessageHead {
  readonly type: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Lengths of the content, which is JSON, and of the buffers. */
  readonly sizes: readonly number[];
}

/** What the evaluator puts out. */
export type EvaluatorOutput =
  | { readonly type: "stdout" | "stderr"; readonly text: string }
  | {
    readonly type: "message";
    readonly head: MessageHead;
    readonly content: Buffer;
    readonly buffers: readonly Buffer[];
  };

/** Cuts a stream of bytes into outputs. */
export class RecordReader {
  #rest: Buffer = Buffer.alloc(0);
  #pieces: Buffer[] = [];

  /** The outputs that are complete with these bytes, which are kept: give each call its own. */
  *take(chunk: Buffer): Generator<EvaluatorOutput, void> {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    let text = "", textKind = 0;
    while (bytes.length - at >= PIECE_HEAD) {
      const kind = bytes[at]!, length = bytes.readUInt32LE(at + 1);
      if (bytes.length - at - PIECE_HEAD < length) break;
      const start = at + PIECE_HEAD;
      at = start + length;
      if (kind !== textKind && textKind !== 0) {
        yield { type: nameOf(textKind), text };
        text = "", textKind = 0;
      }
      if (kind === STDOUT || kind === STDERR) {
        text += bytes.toString("utf8", start, at);
        textKind = kind;
        continue;
      }
      if (kind & FIRST) this.#pieces = [];
      this.#pieces.push(bytes.subarray(start, at));
      if (kind & LAST) yield this.#message();
    }
    if (textKind !== 0) yield { type: nameOf(textKind), text };
    this.#rest = bytes.subarray(at);
  }

  #message(): EvaluatorOutput {
    const body = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    this.#pieces = [];
    let at = 4 + body.readUInt32LE();
    const head: MessageHead = JSON.parse(body.toString("utf8", 4, at));
    const [content, ...buffers] = head.sizes.map((size) => body.subarray(at, at += size));
    return { type: "message", head, content: content ?? Buffer.alloc(0), buffers };
  }
}

function nameOf(kind: number): "stdout" | "stderr" {
  return kind === STDOUT ? "stdout" : "stderr";
}
