import { KeyboardInterrupt } from "./_cell.ts";
import { inspect } from "./_primordials.ts";

/** Tells of an error that no cell waits for. */
export type Report = (cell: number, text: string) => void;

/**
 * Shows errors that nobody catches and rejections that nobody awaits: Deno's kernel does not.
 *
 * @param ownCell the cell that the calling task belongs to
 */
export function installUncaught(
  ownCell: () => { readonly number: number; readonly stopped: boolean },
  report: Report,
): void {
  /** The last error that came out of a timer or a microtask, and the cell that started it. */
  let thrown: { error: unknown; cell: number } | undefined;

  const show = (event: Event, kind: string, error: unknown, cell: number) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    // A stopped cell's loops in the background end with the one, V8 ends code with the other.
    const isStop = error instanceof KeyboardInterrupt || (error === null && ownCell().stopped);
    if (!isStop) report(cell, `${kind}: ${describe(error)}\n`);
  };
  globalThis.addEventListener("unhandledrejection", (event) => {
    show(event, "Unhandled rejection", event.reason, ownCell().number);
  });
  globalThis.addEventListener("error", (event) => {
    const { error } = event;
    show(event, "Uncaught", error, thrown?.error === error ? thrown!.cell : ownCell().number);
    thrown = undefined;
  });

  // The event comes when the callback's own context is left.
  const scope = globalThis as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"]) {
    const original = scope[name];
    if (original === undefined) continue;
    scope[name] = new Proxy(original, {
      apply(target, self, [callback, ...rest]) {
        if (typeof callback !== "function") return Reflect.apply(target, self, [callback, ...rest]);
        const cell = ownCell().number;
        const watched = function (this: unknown, ...args: unknown[]) {
          try {
            return Reflect.apply(callback, this, args);
          } catch (error) {
            thrown = { error, cell };
            throw error;
          }
        };
        return Reflect.apply(target, self, [watched, ...rest]);
      },
    });
  }
}

function describe(error: unknown): string {
  try {
    return inspect(error);
  } catch {
    return "a value that cannot be shown";
  }
}
