/** A watch on Ctrl-C, until it is closed. */
export interface InterruptWatch extends Disposable {
  /** Aborted by the first SIGINT or SIGTERM: save and end the loop. */
  readonly signal: AbortSignal;
  /** What a process ends with that was stopped so: 130 by SIGINT, 143 by SIGTERM, as shells count. */
  readonly exitCode: number;
  /** Gives Ctrl-C back to the system. */
  close(): void;
}

/**
 * `deno task` hands every SIGINT of the terminal to its child once more, some milliseconds later.
 * Within this many milliseconds it counts as the same Ctrl-C.
 */
const SAME_INTERRUPT = 300;

const SIGINT_CODE = 128 + 2;
const SIGTERM_CODE = 128 + 15;

/**
 * Turns the first SIGINT (Ctrl-C) or SIGTERM into an aborted signal, so that a loop can save and
 * end, and exits at once with code 130 on the next SIGINT.
 *
 * @param notify Gets a sentence for the user on each of them.
 *
 * @example
 * ```ts
 * import { train } from "sam";
 *
 * async function fit(task: train.ClassificationTask, folder: string) {
 *   using progress = train.createProgress();
 *   using interrupt = train.watchInterrupts((message) => progress.show({ type: "warning", message }));
 *   const { signal } = interrupt;
 *   for await (const event of train.fit(task, { folder, signal })) progress.show(event);
 *   if (signal.aborted) Deno.exitCode = interrupt.exitCode;
 * }
 * ```
 */
export function watchInterrupts(notify: (message: string) => void): InterruptWatch {
  const controller = new AbortController();
  let first = 0;
  let exitCode = SIGINT_CODE;
  function interrupt(reason: string, code: number): void {
    exitCode = code;
    first = performance.now();
    notify(
      `${reason}: saving a checkpoint after the running step; Ctrl-C once more exits at once ` +
        "without saving",
    );
    controller.abort(new DOMException(reason, "AbortError"));
  }
  function onSigint(): void {
    if (!controller.signal.aborted) return interrupt("Interrupted", SIGINT_CODE);
    if (performance.now() - first < SAME_INTERRUPT) return;
    notify("Exiting without saving");
    Deno.exit(SIGINT_CODE);
  }
  function onSigterm(): void {
    if (!controller.signal.aborted) interrupt("Asked to terminate", SIGTERM_CODE);
  }
  // Windows knows no SIGTERM.
  const onWindows = Deno.build.os === "windows";
  Deno.addSignalListener("SIGINT", onSigint);
  if (!onWindows) Deno.addSignalListener("SIGTERM", onSigterm);
  function close(): void {
    Deno.removeSignalListener("SIGINT", onSigint);
    if (!onWindows) Deno.removeSignalListener("SIGTERM", onSigterm);
  }
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    close,
    [Symbol.dispose]: close,
  };
}
