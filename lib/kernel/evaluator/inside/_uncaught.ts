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

  watchCallbacks((error) => thrown = { error, cell: ownCell().number });
}

/**
 * Has every callback of a timer or of `queueMicrotask` tell what it throws, in its own context: the
 * event comes when that is left.
 *
 * Timers' callbacks run as microtasks: where V8 is told to stop one that Deno's event loop has called
 * itself, that loop stands still for good.
 */
function watchCallbacks(onThrow: (error: unknown) => void): void {
  const later = globalThis.queueMicrotask;
  const scope = globalThis as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"]) {
    const original = scope[name];
    if (original === undefined) continue;
    scope[name] = new Proxy(original, {
      apply(target, self, [callback, ...rest]) {
        if (typeof callback !== "function") return Reflect.apply(target, self, [callback, ...rest]);
        let inside = false;
        const watched = function (this: unknown, ...args: unknown[]) {
          const call = () => {
            if (inside) return; // an interval's call that V8 has stopped: not again
            inside = true;
            try {
              Reflect.apply(callback, this, args);
              inside = false;
            } catch (error) {
              inside = false;
              onThrow(error);
              throw error;
            }
          };
          if (original === later) call();
          else later(call);
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
