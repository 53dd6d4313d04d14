/** What the kernel "Deno (SAM)" offers to long-running code. */
interface CellInterrupt {
  readonly signal: AbortSignal;
  poll(): void;
}

/** Undefined outside of a notebook. */
function cellInterrupt(): CellInterrupt | undefined {
  return (globalThis as Record<symbol, unknown>)[Symbol.for("jupyter.interrupt")] as
    | CellInterrupt
    | undefined;
}

/**
 * Aborted when the running cell of a notebook is interrupted; undefined outside of one.
 *
 * ```ts
 * import { train } from "sam";
 *
 * console.log(train.cellInterruptSignal()?.aborted); // undefined, for no notebook runs it
 * ```
 */
export function cellInterruptSignal(): AbortSignal | undefined {
  return cellInterrupt()?.signal;
}

/**
 * Throws the kernel's KeyboardInterrupt if the running cell was interrupted.
 *
 * ```ts
 * import { train } from "sam";
 *
 * for (let step = 0; step < 10; step++) train.throwIfCellInterrupted();
 * ```
 */
export function throwIfCellInterrupted(): void {
  cellInterrupt()?.poll();
}
