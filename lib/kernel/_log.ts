const encoder = new TextEncoder();

/** Writes a line to standard error, which Jupyter shows in the server's terminal. */
export function log(line: string): void {
  Deno.stderr.writeSync(encoder.encode(`[deno kernel] ${line}\n`));
}
