import { alignColumns } from "./align.ts";
import type { Output } from "./output.ts";

/** A table on a terminal that is redrawn in place; elsewhere only its last state is written. */
export class LiveTable {
  readonly #output: Output;
  #lines: readonly string[] = [];

  constructor(output: Output) {
    this.#output = output;
  }

  /**
   * @param rows cells by column, the first to the left, the others to the right; a row of one cell is
   *   a line of text below or above the columns
   * @param last whether it stays
   */
  draw(rows: readonly (readonly string[])[], { last = false } = {}): void {
    const { isTerminal, columns } = this.#output;
    if (!isTerminal && !last) return;
    const lines = alignColumns(rows, (column) => column > 0);
    // A line that wraps would be two to go up by.
    this.#write(last ? lines : lines.map((line) => line.slice(0, columns - 1)));
    if (last) this.#lines = [];
  }

  /** Writes a line that stays, above the table. */
  print(line: string): void {
    const lines = this.#lines;
    this.#write([line]);
    this.#lines = [];
    this.#write(lines);
  }

  /** Puts lines in the place of the table. */
  #write(lines: readonly string[]): void {
    const erase = this.#lines.length === 0 ? "" : `\r\x1b[${this.#lines.length}A\x1b[J`;
    this.#output.write(erase + lines.map((line) => `${line}\n`).join(""));
    this.#lines = this.#output.isTerminal ? lines : [];
  }
}
