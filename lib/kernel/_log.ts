const encoder = new TextEncoder();
/** A line that comes again within so many milliseconds is left out: a stranger may cause many. */
const PAUSE_MS = 10_000;
const written = new Map<string, number>();

/** Writes a line to standard error, which Jupyter shows in the server's terminal. */
export function log(line: string): void {
  const now = performance.now();
  if (now - (written.get(line) ?? -Infinity) < PAUSE_MS) return;
  if (written.size > 1000) written.clear();
  written.set(line, now);
  Deno.stderr.writeSync(encoder.encode(`[deno kernel] ${line}\n`));
}
