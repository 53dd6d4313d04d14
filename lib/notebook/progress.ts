import { openBar, type ProgressBar } from "./_bars.ts";
import { Slot } from "./_display.ts";
import { Loop } from "./_loop.ts";

export type { ProgressBar };

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
export function progress(total: number, label?: string): ProgressBar;
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
): ProgressBar | Iterable<T> | AsyncIterable<T> {
  if (typeof what === "number") return openBar(what, label, new Slot());
  return Symbol.asyncIterator in what
    ? countedAsync(what, label, total ?? lengthOf(what))
    : counted(what, label, total ?? lengthOf(what));
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
