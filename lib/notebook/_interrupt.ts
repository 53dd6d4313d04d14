interface Interrupt {
  readonly signal: AbortSignal;
  poll(): void;
}

/** The kernel's interrupt; undefined outside of a notebook. */
function interrupt(): Interrupt | undefined {
  return (globalThis as Record<symbol, unknown>)[Symbol.for("jupyter.interrupt")] as
    | Interrupt
    | undefined;
}

/** Aborted when the running cell is interrupted; undefined outside of a notebook. */
export function interruptSignal(): AbortSignal | undefined {
  return interrupt()?.signal;
}

/** Throws the kernel's KeyboardInterrupt if the running cell was interrupted. */
export function throwIfInterrupted(): void {
  interrupt()?.poll();
}
