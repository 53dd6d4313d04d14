import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { KeyboardInterrupt } from "../../../../lib/kernel/evaluator/inside/_cell.ts";
import { createCells } from "../../../../lib/kernel/evaluator/inside/_cells.ts";
import { createShared, Word } from "../../../../lib/kernel/evaluator/inside/_shared.ts";

/** Cells with what interrupts the one of a number. */
function cells() {
  const { words } = createShared();
  const made = createCells(words);
  const stop = (number: number) => {
    Atomics.store(words, Word.INTERRUPT, number);
    made.interrupted();
  };
  return { ...made, words, stop };
}

const never = () => new Promise<never>(() => {});
const turn = (milliseconds = 0) => new Promise((resolve) => setTimeout(resolve, milliseconds));

Deno.test("cells: an interrupt ends what the cell awaits, and not the next cell's", async () => {
  const { begin, race, tick, stop, interrupt } = cells();
  begin(1);
  const waiting = [race(never()), race(never())];
  stop(1);
  for (const wait of waiting) await assertRejects(() => wait, KeyboardInterrupt);
  assertThrows(() => tick(1), KeyboardInterrupt);
  assertThrows(() => interrupt.poll(), KeyboardInterrupt);
  begin(2);
  assertEquals([await race(5), tick(6)], [5, 6]);
  interrupt.poll();
});

Deno.test("cells: an interrupt of another cell's number does nothing", async () => {
  const { begin, race, stop, interrupt } = cells();
  begin(3);
  const waiting = race(turn(20).then(() => "done"));
  stop(2);
  assertEquals([await waiting, interrupt.signal.aborted], ["done", false]);
});

Deno.test("cells: a cell that watches the signal has time to end by itself", async () => {
  const { begin, race, stop, interrupt } = cells();
  begin(1);
  const { signal } = interrupt;
  let ended = false;
  const waiting = race(never()).catch((error) => {
    ended = true;
    throw error;
  });
  stop(1);
  assert(signal.aborted);
  await turn(100);
  assert(!ended, "it was ended at once");
  await assertRejects(() => waiting, KeyboardInterrupt);
});

Deno.test("cells: a signal is aborted as soon as the flag is there, without an await", () => {
  const { begin, interrupt, words } = cells();
  begin(4);
  const { signal } = interrupt;
  assert(!signal.aborted);
  Atomics.store(words, Word.INTERRUPT, 4);
  assert(signal.aborted);
});

Deno.test("cells: a wait ends by a change or an interrupt, and leaves no mark", () => {
  const { begin, wait, words } = cells();
  begin(5);
  wait(Word.ANSWERED, 1);
  const start = performance.now();
  wait(Word.POLLING, 5); // as long as the word is 5
  assert(performance.now() - start > 40, "the wait does not say which cell waits");
  Atomics.store(words, Word.INTERRUPT, 5);
  assertThrows(() => wait(Word.ANSWERED, 0), KeyboardInterrupt);
  assertEquals(Atomics.load(words, Word.POLLING), 0);
});

Deno.test("cells: a loop that is left tells its source, one that ends does not", async () => {
  const { begin, iterate } = cells();
  begin(1);
  let returned = 0;
  const source = () => {
    let next = 0;
    return {
      [Symbol.iterator]() {
        return this;
      },
      next: () => next < 3 ? { value: next++, done: false } : { value: undefined, done: true },
      return: () => {
        returned++;
        return { value: undefined, done: true };
      },
    } as unknown as Iterable<number>;
  };
  assertEquals(await Array.fromAsync(iterate(source())), [0, 1, 2]);
  assertEquals(returned, 0);
  for await (const _ of iterate(source())) break;
  assertEquals(returned, 1);
});

Deno.test("cells: last values that Deno's kernel shows as nothing show themselves", () => {
  const { last } = cells();
  const display = Symbol.for("Jupyter.display");
  const shown = (value: unknown) =>
    (last(value) as Record<symbol, () => unknown> | undefined)?.[display]?.();
  for (const value of [null, 1n, NaN, -Infinity, -0]) {
    assertEquals(shown(value), { "text/plain": Deno.inspect(value) });
  }
  for (const value of [0, 1.5, "a", undefined]) assertEquals(last(value), value);
});
