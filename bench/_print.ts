/** Writes one line to standard output, where tables go. */
export function print(line = ""): void {
  writeAll(Deno.stdout, line + "\n");
}

/** Writes one line to standard error, where progress and notes go. */
export function note(line: string): void {
  writeAll(Deno.stderr, line + "\n");
}

function writeAll(to: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(to.writeSync(bytes));
}
