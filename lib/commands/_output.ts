/** Where a command writes. */
export interface Output {
  /** Whether it can be redrawn. */
  readonly isTerminal: boolean;
  /** Characters in a line. */
  readonly columns: number;
  write(text: string): void;
}

/** A standard stream. A reader that goes away (`| head`) does not stop the work. */
export function outputOf(stream: typeof Deno.stdout | typeof Deno.stderr): Output {
  return {
    isTerminal: stream.isTerminal(),
    get columns() {
      return stream.isTerminal() && Deno.consoleSize().columns || 80;
    },
    write(text) {
      const bytes = new TextEncoder().encode(text);
      try {
        for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
      } catch (error) {
        if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      }
    },
  };
}

/** Writes lines. */
export function printer(output: Output): (line: string) => void {
  return (line) => output.write(`${line}\n`);
}
