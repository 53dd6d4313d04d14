/** Where a command writes. */
export interface Output {
  /** Whether it can be redrawn. */
  readonly isTerminal: boolean;
  /** Characters in a line. */
  readonly columns: number;
  write(text: string): void;
}

/** A standard stream. A reader that goes away (`| head`) does not stop the work. */
export function streamOutput(stream: typeof Deno.stdout | typeof Deno.stderr): Output {
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

/** An output whose failures stop nobody: the next write tries again. */
export function tolerant(output: Output): Output {
  return {
    isTerminal: output.isTerminal,
    get columns() {
      return attempt(() => output.columns) ?? 80;
    },
    write: (text) => attempt(() => output.write(text)),
  };
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** Writes lines; an empty one where nothing is passed. */
export function printer(output: Output): (line?: string) => void {
  return (line = "") => output.write(`${line}\n`);
}
