import { AsyncLocalStorage } from "node:async_hooks";
import { inspect, load } from "./_primordials.ts";

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

/**
 * `globalThis[Symbol.for("jupyter.interrupt")]`: what long-running code looks at in order to stop
 * when the user interrupts the cell.
 */
export interface Interrupt {
  /**
   * Aborted when the running cell is interrupted; each cell has its own. `signal.aborted` is true
   * at once, even in a loop that never awaits. Whoever took the signal is given 1.5 s to end.
   */
  readonly signal: AbortSignal;
  /** Throws a KeyboardInterrupt if the running cell was interrupted. */
  poll(): void;
}

/** The state of one execution of one cell. */
interface Cell {
  readonly number: number;
  readonly controller: AbortController;
  /** The top-level awaits that go on. */
  readonly pending: Set<(reason: KeyboardInterrupt) => void>;
  interrupted: boolean;
  watched: boolean;
}

/**
 * What rewritten cells call.
 *
 * @param flag shared with the side channel's worker: the number of the cell to interrupt
 */
export function createCells(flag: Int32Array<SharedArrayBuffer>) {
  const tasks = new AsyncLocalStorage<Cell>();
  let current = newCell(0);

  /** Aborts the signal as soon as the flag is seen; true once the cell is to end. */
  function isInterrupted(cell: Cell): boolean {
    if (!cell.interrupted && cell === current && load(flag, 0) === cell.number) {
      cell.interrupted = true;
      cell.controller.abort(new KeyboardInterrupt());
    }
    return cell.interrupted;
  }

  function newCell(number: number): Cell {
    const controller = new AbortController();
    const cell: Cell = {
      number,
      controller,
      pending: new Set(),
      interrupted: false,
      watched: false,
    };
    const { signal } = controller;
    const aborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, "aborted")?.get;
    Object.defineProperties(signal, {
      aborted: { get: () => isInterrupted(cell) || aborted?.call(signal) === true },
      throwIfAborted: { value: () => poll(cell) },
    });
    return cell;
  }

  function poll(cell: Cell): void {
    if (isInterrupted(cell)) throw new KeyboardInterrupt();
  }

  /** The cell that the calling task belongs to. */
  const own = () => tasks.getStore() ?? current;

  const interrupt: Interrupt = Object.freeze({
    get signal() {
      const cell = own();
      cell.watched = true;
      return cell.controller.signal;
    },
    poll: () => poll(own()),
  });

  /** Around what a cell awaits at its top level, so that an interrupt can end it. */
  function race<T>(value: T): Promise<Awaited<T>> {
    const cell = own();
    poll(cell);
    // A set of reject functions: racing with a promise that lives long would leak.
    return new Promise((resolve, reject) => {
      cell.pending.add(reject);
      const settle = (then: () => void) => {
        cell.pending.delete(reject);
        if (isInterrupted(cell)) reject(new KeyboardInterrupt());
        else then();
      };
      Promise.resolve(value).then(
        (result) => settle(() => resolve(result)),
        (error) => settle(() => reject(error)),
      );
    });
  }

  return {
    interrupt,
    /** The number of the cell that the calling task belongs to, and whether it was stopped. */
    ownCell() {
      const cell = own();
      return { number: cell.number, stopped: isInterrupted(cell) };
    },
    /** The first thing that a cell does. */
    begin(number: number): void {
      current = newCell(number);
      tasks.enterWith(current);
    },
    /** The side channel's worker has set the flag. */
    interrupted(): void {
      const cell = current;
      if (!isInterrupted(cell)) return;
      const end = () => {
        for (const reject of cell.pending) reject(new KeyboardInterrupt());
        cell.pending.clear();
      };
      if (cell.watched) setTimeout(end, GRACE);
      else end();
    },
    race,
    /** Around what functions written in a cell await: the loops of a stopped cell end there. */
    tick<T>(value: T): T {
      poll(own());
      return value;
    },
    /** Around what a top-level `for await` goes through. */
    async *iterate<T>(source: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T, void> {
      const iterator = Symbol.asyncIterator in source
        ? source[Symbol.asyncIterator]()
        : source[Symbol.iterator]();
      let finished = false;
      try {
        for (;;) {
          const step: IteratorResult<T> = await race(iterator.next());
          finished = step.done === true;
          if (step.done) return;
          yield step.value;
        }
      } finally {
        // Not awaited: it could wait for the very step that was interrupted.
        if (!finished) Promise.resolve(iterator.return?.()).catch(() => {});
      }
    },
    /** Around a cell's last expression: Deno's kernel shows nothing for these values. */
    last(value: unknown): unknown {
      const silent = value === null || typeof value === "bigint" ||
        (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)));
      if (!silent) return value;
      return { [Symbol.for("Jupyter.display")]: () => ({ "text/plain": inspect(value) }) };
    },
  };
}
