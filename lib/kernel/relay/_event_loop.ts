import type { Evaluator } from "../evaluator/mod.ts";

/** Without an answer in this time, the event loop stands still. */
const PING_MS = 300;
/** How long code may take to end once V8 was told to stop it. */
const TERMINATE_MS = 100;
const MAX_TRIES = 10;

/**
 * Has V8 stop the code that keeps an evaluator's event loop from turning; does nothing where it
 * turns, or where the code is about to see by itself that it is interrupted. Again and again: where V8 meets native code, the end that it was told is sometimes lost.
 *
 * @param isOver whether nobody waits for it any more
 * @param onStop called whenever V8 is about to be told
 */
export async function freeEventLoop(
  evaluator: Evaluator,
  isOver: () => boolean,
  onStop?: () => void,
): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES && !isOver(); tries++) {
    const loop = await evaluator.sideChannel.eventLoop(PING_MS);
    if (loop === "turns" || isOver()) return;
    if (loop === "stands") {
      onStop?.();
      evaluator.terminateExecution();
    }
    await waitUntil(isOver, TERMINATE_MS);
  }
}

/** Waits so many milliseconds, or until it is over. */
export async function waitUntil(isOver: () => boolean, milliseconds: number): Promise<void> {
  for (const end = performance.now() + milliseconds; !isOver() && performance.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
