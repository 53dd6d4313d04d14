import { type Output, streamOutput } from "../terminal/mod.ts";

/** Lines at the end of a terminal that change, one below the other: bars within bars. */
export class TerminalLines {
  readonly #output: Output;
  readonly #lines = new Map<string, string>();
  /** How many are drawn. */
  #drawn = 0;

  constructor(output: Output = streamOutput(Deno.stderr)) {
    this.#output = output;
  }

  /** Whether lines can change here. */
  get isTerminal(): boolean {
    return this.#output.isTerminal;
  }

  update(id: string, text: string): void {
    this.#lines.set(id, text);
    this.#draw();
  }

  /** The first line stays above what follows; one below it makes way. */
  finish(id: string): void {
    const stays = this.#lines.size === 1;
    this.#lines.delete(id);
    if (stays) {
      this.#output.write("\n");
      this.#drawn = 0;
    } else this.#draw();
  }

  #draw(): void {
    const { columns } = this.#output;
    const up = this.#drawn > 1 ? `\x1b[${this.#drawn - 1}A` : "";
    const lines = Array.from(this.#lines.values(), (text) => text.slice(0, columns - 1));
    this.#output.write(`${up}\r\x1b[J${lines.join("\n")}`);
    this.#drawn = lines.length;
  }
}

export const terminalLines = new TerminalLines();
