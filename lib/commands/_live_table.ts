/** A table on a terminal that is drawn anew in place; elsewhere only its last state is written. */
export class LiveTable {
  readonly #isTerminal: boolean;
  readonly #write: (text: string) => void;
  #lines = 0;

  constructor(isTerminal: boolean, write: (text: string) => void) {
    this.#isTerminal = isTerminal;
    this.#write = write;
  }

  /** @param last whether it stays */
  draw(rows: readonly (readonly string[])[], { last = false } = {}): void {
    if (!this.#isTerminal && !last) return;
    const lines = align(rows);
    const up = this.#lines === 0 ? "" : `\x1b[${this.#lines}A`;
    const clear = this.#isTerminal ? "\x1b[2K" : "";
    this.#write(up + lines.map((line) => `${clear}${line}\n`).join(""));
    this.#lines = last || !this.#isTerminal ? 0 : lines.length;
  }
}

/** Columns of equal width: the first to the left, the others to the right. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => widths[column] = Math.max(widths[column] ?? 0, cell.length));
  }
  return rows.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)
    ).join("  ").trimEnd()
  );
}
