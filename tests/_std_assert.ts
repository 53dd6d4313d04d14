/**
 * The part of `@std/assert` that the tests use, under its own names, over `node:assert`.
 *
 * `@std/assert` is on JSR only. Where JSR can be reached, put `"@std/assert": "jsr:@std/assert@1"`
 * into deno.json's import map; nothing else changes.
 */
import nodeAssert from "node:assert/strict";

/** Throws unless `value` is truthy. */
export function assert(value: unknown, message = "Expected a truthy value"): asserts value {
  nodeAssert.ok(value, message);
}

/** Throws unless the values are deeply equal (NaN equals NaN, -0 differs from 0). */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.deepStrictEqual(actual, expected, message);
}

/** Throws if the values are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.notDeepStrictEqual(actual, expected, message);
}

/** Throws unless `|actual - expected| <= tolerance`. */
export function assertAlmostEquals(actual: number, expected: number, tolerance = 1e-7): void {
  if (Object.is(actual, expected)) return;
  nodeAssert.ok(
    Math.abs(actual - expected) <= tolerance,
    `Expected ${expected} within ${tolerance}, got ${actual}`,
  );
}

/** Throws unless `text` contains `part`. */
export function assertStringIncludes(text: string, part: string): void {
  nodeAssert.ok(text.includes(part), `Expected ${JSON.stringify(part)} in:\n${text}`);
}

/** Throws unless `text` matches `pattern`. */
export function assertMatch(text: string, pattern: RegExp): void {
  nodeAssert.match(text, pattern);
}

// deno-lint-ignore no-explicit-any -- error classes have constructors of any signature
type ErrorClass<E extends Error> = new (...args: any[]) => E;

function assertIsError<E extends Error>(error: unknown, type: ErrorClass<E>, part: string): E {
  nodeAssert.ok(error instanceof type, `Expected ${type.name}, got ${error}`);
  assertStringIncludes(error.message, part);
  return error;
}

/** Throws unless `fn` throws a `type` whose message contains `part`; returns the error. */
export function assertThrows<E extends Error>(
  fn: () => unknown,
  type: ErrorClass<E>,
  part = "",
): E {
  try {
    fn();
  } catch (error) {
    return assertIsError(error, type, part);
  }
  throw new nodeAssert.AssertionError({ message: `Expected ${type.name} to be thrown` });
}

/** Throws unless `fn` rejects with a `type` whose message contains `part`; returns the error. */
export async function assertRejects<E extends Error>(
  fn: () => PromiseLike<unknown>,
  type: ErrorClass<E>,
  part = "",
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    return assertIsError(error, type, part);
  }
  throw new nodeAssert.AssertionError({ message: `Expected a rejection with ${type.name}` });
}
