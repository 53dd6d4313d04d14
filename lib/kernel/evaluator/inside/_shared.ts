/** The memory that the evaluator's main thread and the side channel's worker share. */
export interface Shared {
  /** Addressed by {@linkcode Word}. */
  readonly words: Int32Array<SharedArrayBuffer>;
  /** A ring of bytes on their way to the relay. */
  readonly ring: Uint8Array<SharedArrayBuffer>;
  /** What a user typed, as UTF-8; grows. */
  readonly typed: SharedArrayBuffer;
}

/** Positions are counts of bytes since the start, modulo 2^32. */
export const Word = {
  /** Where the main thread writes next. */
  HEAD: 0,
  /** What the worker takes next. */
  TAIL: 1,
  /** What the worker has handed to the operating system. */
  SENT: 2,
  /** 1 while the worker has to be woken for more. */
  ASLEEP: 3,
  /** The number of the cell to interrupt. */
  INTERRUPT: 4,
  /** The number of the question that was answered last. */
  ANSWERED: 5,
  /** The length of its answer in bytes; -1 if there is none to be had. */
  TYPED: 6,
  /** The number of the cell that waits here and looks at its flag; 0 if none does. */
  POLLING: 7,
} as const;

/** In flight at most; a power of two, at least four times {@linkcode MAX_PIECE}. */
const RING_BYTES = 2 ** 20;
/** What the user types may be no longer. */
export const MAX_TYPED_BYTES = 2 ** 24;

export function createShared(): Shared {
  const words = new Int32Array(new SharedArrayBuffer(32));
  words[Word.ASLEEP] = 1;
  return {
    words,
    ring: new Uint8Array(new SharedArrayBuffer(RING_BYTES)),
    typed: new SharedArrayBuffer(4096, { maxByteLength: MAX_TYPED_BYTES }),
  };
}
