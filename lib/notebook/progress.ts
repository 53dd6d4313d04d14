import { escapeMarkup } from "../plots/mod.ts";
import { formatSeconds } from "../terminal/mod.ts";
import { type Bundle, Slot } from "./_display.ts";

/** Milliseconds between two states that are shown. */
const INTERVAL = 250;

/** A bar that moves in its place in the cell's output. */
export interface Progress {
  /** @param done of the total; @param text what is being done, beside the bar */
  update(done: number, text?: string): Promise<void>;
  /** The state that stays. */
  finish(text?: string): Promise<void>;
}

/**
 * A progress bar. It is drawn four times a second at most, and its last state always.
 *
 * @example
 * ```ts
 * import { progress } from "sam/notebook";
 *
 * const bar = progress(3, "epochs");
 * for (let epoch = 1; epoch <= 3; epoch++) await bar.update(epoch);
 * await bar.finish();
 * ```
 *
 * @param total what `update` counts to
 * @throws RangeError unless the total is positive
 */
export function progress(total: number, label?: string): Progress;
/**
 * Goes through an iterable, and shows how far: a share and the time left where its length is known,
 * else a count and a rate. A loop within a loop has one bar below the other's, which serves all its
 * rounds. A loop that is left early leaves the bar where it was.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { progress } from "sam/notebook";
 *
 * let sum = 0;
 * for (const epoch of progress([1, 2, 3], "epochs")) sum += epoch;
 * assertEquals(sum, 6);
 * ```
 *
 * @param label what is counted, in front of the bar
 * @param total its length, where it does not tell: by `length`, as arrays, or `size`, as sets
 */
export function progress<T>(items: Iterable<T>, label?: string, total?: number): Iterable<T>;
/** The same for what has to be awaited. */
export function progress<T>(
  items: AsyncIterable<T>,
  label?: string,
  total?: number,
): AsyncIterable<T>;
export function progress<T>(
  what: number | Iterable<T> | AsyncIterable<T>,
  label = "",
  total?: number,
): Progress | Iterable<T> | AsyncIterable<T> {
  if (typeof what === "number") return openBar(what, label, new Slot());
  return Symbol.asyncIterator in what
    ? countedAsync(what, label, total ?? lengthOf(what))
    : counted(what, label, total ?? lengthOf(what));
}

function openBar(total: number, label: string, slot: Slot): Progress {
  if (!(total > 0)) throw new RangeError(`Cannot show progress to ${total}: it must be > 0`);
  const started = performance.now();
  let drawn = -Infinity;
  let state = { done: 0, text: "" };
  const bundle = () =>
    bar({ ...state, total, label, seconds: (performance.now() - started) / 1000 });
  return {
    async update(done, text = state.text) {
      state = { done: Math.min(done, total), text };
      if (performance.now() - drawn < INTERVAL) return;
      drawn = performance.now();
      await slot.update(bundle());
    },
    async finish(text = state.text) {
      state = { ...state, text };
      await slot.finish(bundle());
    },
  };
}

/** A loop that goes on. */
class Loop {
  /** Those that are within each other, the outermost first. */
  static readonly #open: Loop[] = [];
  readonly #bar: Progress;
  readonly #slot: Slot;
  /** Where the bars of loops within this one are, round after round. */
  #within: Slot | undefined;
  #inUse = false;
  #done = 0;

  constructor(label: string, total: number | undefined) {
    const outer = Loop.#open.at(-1);
    this.#slot = (outer && outer.#lend()) ?? new Slot();
    Loop.#open.push(this);
    this.#bar = total === undefined || total === 0
      ? openCounter(label, this.#slot)
      : openBar(total, label, this.#slot);
    void this.#bar.update(0);
  }

  /** Nobody waits for the bar: a loop that cannot wait has one too. */
  step(): void {
    void this.#bar.update(++this.#done);
  }

  end(): void {
    const at = Loop.#open.indexOf(this);
    Loop.#open.splice(at, 1);
    const outer = Loop.#open[at - 1];
    if (outer && outer.#within === this.#slot) outer.#inUse = false;
    void this.#bar.finish();
  }

  /** A place for a loop within, if it is free. */
  #lend(): Slot | undefined {
    if (this.#inUse) return undefined;
    this.#inUse = true;
    return this.#within ??= new Slot();
  }
}

function* counted<T>(
  items: Iterable<T>,
  label: string,
  total: number | undefined,
): Generator<T, void> {
  const loop = new Loop(label, total);
  try {
    for (const item of items) {
      yield item;
      loop.step();
    }
  } finally {
    loop.end();
  }
}

async function* countedAsync<T>(
  items: AsyncIterable<T>,
  label: string,
  total: number | undefined,
): AsyncGenerator<T, void> {
  const loop = new Loop(label, total);
  try {
    for await (const item of items) {
      yield item;
      loop.step();
    }
  } finally {
    loop.end();
  }
}

function lengthOf(items: object): number | undefined {
  const { length, size } = items as { length?: unknown; size?: unknown };
  return typeof length === "number" ? length : typeof size === "number" ? size : undefined;
}

/** Counts where the end is not known. */
function openCounter(label: string, slot: Slot): Progress {
  const started = performance.now();
  let drawn = -Infinity;
  let count = 0;
  const bundle = (): Bundle => {
    const seconds = (performance.now() - started) / 1000;
    const rate = seconds > 0 ? `${(count / seconds).toFixed(1)} a second` : "";
    const words = [label, `${count}`, rate, formatSeconds(seconds)].filter(Boolean).join(" · ");
    return { "text/html": escapeMarkup(words), "text/plain": words };
  };
  return {
    async update(done) {
      count = done;
      if (performance.now() - drawn < INTERVAL) return;
      drawn = performance.now();
      await slot.update(bundle());
    },
    finish: () => slot.finish(bundle()),
  };
}

/** Widths of a bar of text. */
const CELLS = 24;

function bar(
  { done, total, text, label, seconds }: {
    done: number;
    total: number;
    text: string;
    label: string;
    seconds: number;
  },
): Bundle {
  const share = done / total;
  const left = share > 0 && share < 1
    ? `, ${formatSeconds(seconds * (1 - share) / share)} left`
    : "";
  const words = [label, `${(100 * share).toFixed(0)} %`, text, `${formatSeconds(seconds)}${left}`]
    .filter(Boolean).join(" · ");
  const filled = Math.round(CELLS * share);
  return {
    "text/html": `<progress value="${share}" style="width:16em;vertical-align:middle" ` +
      `aria-label="${escapeMarkup(label || "progress")}"></progress> ${escapeMarkup(words)}`,
    "text/plain": `${"█".repeat(filled)}${"░".repeat(CELLS - filled)} ${words}`,
  };
}
