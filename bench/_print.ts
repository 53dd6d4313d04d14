import { printer, streamOutput } from "../lib/terminal/mod.ts";

/** Writes one line to standard output, where tables go. */
export const print = printer(streamOutput(Deno.stdout));

/** Writes one line to standard error, where progress and notes go. */
export const note = printer(streamOutput(Deno.stderr));
