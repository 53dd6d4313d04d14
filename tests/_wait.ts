/**
 * Time in tests. Waiting for what has to happen: how long it may take is met only where something
 * is broken, as on a machine that is busy with other work everything takes many times as long as on an
 * idle one.
 *
 * @module
 */

/**
 * So long nothing takes that comes at all, in milliseconds: not even the first answer of a language
 * server, which leaves the processor to everything else.
 */
export const PATIENCE_MS = 180_000;

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until something holds. @throws Error if it never does */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  milliseconds: number = PATIENCE_MS,
): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!await holds()) {
    if (performance.now() > end) throw new Error(`After ${milliseconds / 1000} s not yet: ${what}`);
    await pause(20);
  }
}

/** What a promise resolves with. @throws Error if it never does */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  milliseconds: number = PATIENCE_MS,
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const tell = () => reject(new Error(`After ${milliseconds / 1000} s not yet: ${what}`));
  const timer = setTimeout(tell, milliseconds);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs with a clock that stands still until it is moved. */
export async function withClock(
  body: (move: (seconds: number) => void) => Promise<void>,
): Promise<void> {
  const { now } = performance;
  let milliseconds = 1000;
  performance.now = () => milliseconds;
  try {
    await body((seconds) => milliseconds += 1000 * seconds);
  } finally {
    performance.now = now;
  }
}
