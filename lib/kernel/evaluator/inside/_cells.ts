import { AsyncLocalStorage } from "node:async_hooks";
import { Cell } from "./_cell.ts";
import { inspect, load, store, wait } from "./_primordials.ts";
import { type Shared, Word } from "./_shared.ts";

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

/** How long a wait may take before it looks at the flag, in milliseconds. */
const LOOK = 50;

/** What rewritten cells call. */
export function createCells(words: Shared["words"]) {
  const tasks = new AsyncLocalStorage<Cell>();
  let current = newCell(0);

  function newCell(number: number): Cell {
    return new Cell(number, (cell) => cell === current && load(words, Word.INTERRUPT) === number);
  }

  /** The cell that the calling task belongs to. */
  const own = () => tasks.getStore() ?? current;

  /** Around what a cell awaits at its top level, so that an interrupt can end it. */
  const race = <T>(value: T): Promise<Awaited<T>> => own().race(value);

  const interrupt: Interrupt = Object.freeze({
    get signal() {
      return own().watch();
    },
    poll: () => own().poll(),
  });

  return {
    interrupt,
    /** The number of the cell that the calling task belongs to, and whether it was stopped. */
    ownCell() {
      const cell = own();
      return { number: cell.number, stopped: cell.isInterrupted() };
    },
    /** The first thing that a cell does. */
    begin(number: number): void {
      current = newCell(number);
      tasks.enterWith(current);
    },
    /** The side channel's worker has set the flag. */
    interrupted: () => current.stop(),
    /** Waits until a word is not the last one, or a little while; throws if the cell was interrupted. */
    wait(word: number, last: number): void {
      const cell = own();
      polling(words, cell === current ? cell.number : 0, () => {
        wait(words, word, last, LOOK);
        cell.poll();
      });
    },
    race,
    /** Around what functions written in a cell await: the loops of a stopped cell end there. */
    tick<T>(value: T): T {
      own().poll();
      return value;
    },
    /** Around what a top-level `for await` goes through. */
    iterate: <T>(source: AsyncIterable<T> | Iterable<T>) => iterate(source, race),
    last,
  };
}

/**
 * Says meanwhile that a cell looks at the flag: were V8 told to stop a cell that is about to throw by
 * itself, it could stop what comes behind the cell, and nobody would ever hear of its end.
 */
function polling(words: Shared["words"], cell: number, act: () => void): void {
  store(words, Word.POLLING, cell);
  try {
    act();
  } finally {
    store(words, Word.POLLING, 0);
  }
}

async function* iterate<T>(
  source: AsyncIterable<T> | Iterable<T>,
  race: <V>(value: V) => Promise<Awaited<V>>,
): AsyncGenerator<T, void> {
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
}

/** Around a cell's last expression: Deno's kernel shows nothing for these values. */
function last(value: unknown): unknown {
  const silent = value === null || typeof value === "bigint" ||
    (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)));
  if (!silent) return value;
  return { [Symbol.for("Jupyter.display")]: () => ({ "text/plain": inspect(value) }) };
}
