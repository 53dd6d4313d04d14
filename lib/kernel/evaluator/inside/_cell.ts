/** Thrown into a cell that the user interrupts. */
export class KeyboardInterrupt extends Error {
  override readonly name = "KeyboardInterrupt";
  constructor() {
    super("interrupted");
    this.stack = "KeyboardInterrupt: interrupted";
  }
}

/**
 * How long a loop that watches the interrupt's signal may take to save and end by itself, in
 * milliseconds, before the cell is ended without it.
 */
const GRACE = 1500;

/** One execution of one cell. */
export class Cell {
  readonly number: number;
  readonly #isFlagged: (cell: Cell) => boolean;
  readonly #controller = new AbortController();
  /** The top-level awaits that go on. A set: racing with a promise that lives long would leak. */
  readonly #pending = new Set<(reason: KeyboardInterrupt) => void>();
  #interrupted = false;
  #watched = false;

  /** @param isFlagged whether the user has interrupted this cell */
  constructor(number: number, isFlagged: (cell: Cell) => boolean) {
    this.number = number;
    this.#isFlagged = isFlagged;
    const { signal } = this.#controller;
    const aborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, "aborted")?.get;
    Object.defineProperties(signal, {
      aborted: { get: () => this.isInterrupted() || aborted?.call(signal) === true },
      throwIfAborted: { value: () => this.poll() },
    });
  }

  /** The signal of its interrupt; whoever takes it is given time to end. */
  watch(): AbortSignal {
    this.#watched = true;
    return this.#controller.signal;
  }

  /** Aborts the signal as soon as the flag is seen; true once the cell is to end. */
  isInterrupted(): boolean {
    if (!this.#interrupted && this.#isFlagged(this)) {
      this.#interrupted = true;
      this.#controller.abort(new KeyboardInterrupt());
    }
    return this.#interrupted;
  }

  /** Throws a KeyboardInterrupt if the cell was interrupted. */
  poll(): void {
    if (this.isInterrupted()) throw new KeyboardInterrupt();
  }

  /** Waits for a value until the cell is interrupted. */
  race<T>(value: T): Promise<Awaited<T>> {
    this.poll();
    return new Promise((resolve, reject) => {
      this.#pending.add(reject);
      const settle = (then: () => void) => {
        this.#pending.delete(reject);
        if (this.isInterrupted()) reject(new KeyboardInterrupt());
        else then();
      };
      Promise.resolve(value).then(
        (result) => settle(() => resolve(result)),
        (error) => settle(() => reject(error)),
      );
    });
  }

  /** Ends what it waits for, if it was interrupted. */
  stop(): void {
    if (!this.isInterrupted()) return;
    const end = () => {
      for (const reject of this.#pending) reject(new KeyboardInterrupt());
      this.#pending.clear();
    };
    if (this.#watched) setTimeout(end, GRACE);
    else end();
  }
}
