/**
 * What runs in the evaluator's process, beside the cells.
 *
 * @module
 */
export type { Interrupt } from "./_cells.ts";
export type { Comm, CommMessage, CommOptions, Comms } from "./_comms.ts";
export { start, type StartOptions } from "./_start.ts";
