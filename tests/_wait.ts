/**
 * Waiting in tests for what has to happen. How long it may take is met only where something is broken:
 * on a machine that is busy with other work everything takes many times as long as on an idle one.
 *
 * @module
 */

/** So long nothing takes that comes at all, in milliseconds. */
export const PATIENCE_MS = 90_000;

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
    await pause(5);
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
