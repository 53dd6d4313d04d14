import { FIRST, LAST, MAX_PIECE, MESSAGE, PIECE_HEAD, STDERR, STDOUT } from "../channel/mod.ts";
import { encode, encodeInto, exchange, load, now, store, stringify, wait } from "./_primordials.ts";
import { type Shared, Word } from "./_shared.ts";

/** A text of so many UTF-16 units fits a piece: each takes at most three bytes. */
const UNITS = Math.floor(MAX_PIECE / 3);
/** How long what is on its way may take when the process ends, in milliseconds. */
const PATIENCE = 20_000;

/**
 * The way of all outputs to the relay, in order: whole pieces into a ring of shared memory, which
 * the side channel's worker empties. Writing never awaits, so that text of a cell that never awaits
 * is seen while it runs; and it waits while the ring is full, so that memory has a bound and a
 * client that is slow slows the cell.
 */
export class OutputPipe {
  readonly #words: Shared["words"];
  readonly #ring: Shared["ring"];
  readonly #wake: () => void;
  readonly #wait: (word: number, last: number) => void;
  readonly #piece = new Uint8Array(PIECE_HEAD + MAX_PIECE);
  readonly #pieceView = new DataView(this.#piece.buffer);
  readonly #pieceBody = this.#piece.subarray(PIECE_HEAD);

  /**
   * @param wake called when the worker sleeps and there is something to take
   * @param wait waits while there is no room; ends an interrupted cell by throwing
   */
  constructor(
    { words, ring }: Shared,
    wake: () => void,
    wait: (word: number, last: number) => void,
  ) {
    this.#words = words;
    this.#ring = ring;
    this.#wake = wake;
    this.#wait = wait;
  }

  text(name: "stdout" | "stderr", text: string): void {
    const kind = name === "stdout" ? STDOUT : STDERR;
    for (let from = 0; from < text.length;) {
      let to = Math.min(text.length, from + UNITS);
      if (to < text.length && (text.charCodeAt(to) & 0xfc00) === 0xdc00) to--; // half a character
      const part = text.length <= UNITS ? text : text.slice(from, to);
      this.#push(kind, encodeInto(part, this.#pieceBody).written);
      from = to;
    }
  }

  /** @param content JSON in UTF-8 */
  message(
    type: string,
    content: Uint8Array,
    metadata: Readonly<Record<string, unknown>>,
    buffers: readonly Uint8Array[],
  ): void {
    const parts = [content, ...buffers];
    const head = encode(
      stringify({ type, metadata, sizes: parts.map(({ length }) => length) }),
    );
    const front = new Uint8Array(4 + head.length);
    new DataView(front.buffer).setUint32(0, head.length, true);
    front.set(head, 4);
    const all = [front, ...parts.filter(({ length }) => length > 0)];
    for (const [index, part] of all.entries()) {
      for (let from = 0; from < part.length; from += MAX_PIECE) {
        const piece = part.subarray(from, from + MAX_PIECE);
        const isFirst = index === 0 && from === 0;
        const isLast = index === all.length - 1 && from + MAX_PIECE >= part.length;
        this.#pieceBody.set(piece);
        this.#push(MESSAGE | (isFirst ? FIRST : 0) | (isLast ? LAST : 0), piece.length);
      }
    }
  }

  /** Waits until everything is on its way, for a process that is about to end. */
  flush(): void {
    const words = this.#words;
    const end = now() + PATIENCE;
    this.#wake();
    for (let sent: number; (sent = load(words, Word.SENT)) !== load(words, Word.HEAD);) {
      if (now() > end) return;
      wait(words, Word.SENT, sent, 50);
    }
  }

  /**
   * The one store into `HEAD` makes the piece visible: V8 may be told to stop this code anywhere,
   * and half a piece would garble all that follows.
   */
  #push(kind: number, length: number): void {
    const words = this.#words, ring = this.#ring;
    const size = PIECE_HEAD + length;
    this.#piece[0] = kind;
    this.#pieceView.setUint32(1, length, true);
    const head = load(words, Word.HEAD);
    for (let tail: number; ring.length - ((head - (tail = load(words, Word.TAIL))) >>> 0) < size;) {
      this.#wait(Word.TAIL, tail);
    }
    const at = (head >>> 0) % ring.length;
    const straight = Math.min(size, ring.length - at);
    ring.set(this.#piece.subarray(0, straight), at);
    if (straight < size) ring.set(this.#piece.subarray(straight, size));
    store(words, Word.HEAD, head + size);
    if (exchange(words, Word.ASLEEP, 0) === 1) this.#wake();
  }
}
