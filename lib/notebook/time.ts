import { formatSeconds } from "../terminal/mod.ts";

/**
 * Runs a function, says how long it took, and returns what it returns; of what has to be awaited,
 * the time until it is there, also if it fails.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { time } from "sam/notebook";
 *
 * const sum = time("a sum", () => 1 + 2); // prints "a sum: 0.01 ms"
 * assertEquals(sum, 3);
 * assertEquals(await time(async () => await 4), 4);
 * ```
 *
 * @param label what is timed; default the function's name
 */
export function time<T>(run: () => T): T;
export function time<T>(label: string, run: () => T): T;
export function time<T>(first: string | (() => T), second?: () => T): T {
  const run = typeof first === "string" ? second! : first;
  const label = typeof first === "string" ? first : first.name || "time";
  const start = performance.now();
  const tell = () => {
    // deno-lint-ignore no-console -- what the function is for
    console.log(`${label}: ${inWords(performance.now() - start)}`);
  };
  let result: T;
  try {
    result = run();
  } catch (error) {
    tell();
    throw error;
  }
  if (result instanceof Promise) return result.finally(tell) as T;
  tell();
  return result;
}

function inWords(milliseconds: number): string {
  return milliseconds < 1000
    ? `${Number(milliseconds.toPrecision(3))} ms`
    : formatSeconds(milliseconds / 1000);
}
