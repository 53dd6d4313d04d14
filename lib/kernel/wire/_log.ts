const encoder = new TextEncoder();
/**
 * A line that comes again within so many milliseconds is left out, and so are those above a number:
 * a stranger may cause many.
 */
const WINDOW_MS = 10_000, MAX_LINES = 100;
const written = new Set<string>();
let windowStart = -Infinity;

/** Writes a line to standard error, which Jupyter shows in the server's terminal. */
export function log(line: string): void {
  const now = performance.now();
  if (now - windowStart > WINDOW_MS) {
    written.clear();
    windowStart = now;
  }
  if (written.has(line) || written.size >= MAX_LINES) return;
  written.add(line);
  Deno.stderr.writeSync(encoder.encode(`[deno kernel] ${line}\n`));
}
