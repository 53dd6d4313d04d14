/**
 * Deno's own kernel in a process of its own, with a side channel for outputs, input and interrupts.
 *
 * @module
 */
export type { EvaluatorOutput } from "./channel/mod.ts";
export type { Comm, CommMessage, CommOptions, Comms, Interrupt } from "./inside/mod.ts";
export { Evaluator, type EvaluatorEvents } from "./_process.ts";
export { requireTestedDeno, TESTED_DENO } from "./_versions.ts";
