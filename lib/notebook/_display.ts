import { terminalLines } from "./_terminal_lines.ts";

/** What a Jupyter client chooses from, by media type. */
export type Bundle = Readonly<Record<string, unknown>>;

interface Jupyter {
  broadcast(type: string, content: Record<string, unknown>): Promise<void>;
}

/** Deno's side of the notebook's front end; undefined outside of one. */
function jupyter(): Jupyter | undefined {
  try {
    return (Deno as unknown as { jupyter?: Jupyter }).jupyter;
  } catch {
    return undefined; // Outside of a kernel the property throws when it is read.
  }
}

const METADATA = { "image/png": {} };

/** A place in a cell's output whose content changes. */
export class Slot {
  readonly #id: string = crypto.randomUUID();
  #shown = false;

  /**
   * Shows a bundle in place of the previous one. Outside a notebook its text is a line of the
   * terminal; where there is no terminal, {@linkcode finish} writes the last state.
   */
  async update(bundle: Bundle): Promise<void> {
    if (jupyter() === undefined) return this.#drawLine(bundle);
    const content = {
      data: bundle,
      metadata: METADATA,
      transient: { display_id: this.#id },
    };
    const type = this.#shown ? "update_display_data" : "display_data";
    this.#shown = true; // before it is awaited: a loop that cannot wait goes on
    await jupyter()?.broadcast(type, content);
  }

  /** Shows the last state. */
  async finish(bundle: Bundle): Promise<void> {
    if (jupyter() !== undefined) return await this.update(bundle);
    this.#drawLine(bundle);
    if (terminalLines.isTerminal) return terminalLines.finish(this.#id);
    const text = new TextEncoder().encode(`${bundle["text/plain"]}\n`);
    for (let done = 0; done < text.length;) done += await Deno.stdout.write(text.subarray(done));
  }

  #drawLine(bundle: Bundle): void {
    const [line = ""] = String(bundle["text/plain"]).split("\n", 1);
    if (terminalLines.isTerminal) terminalLines.update(this.#id, line);
  }
}

/** A value that shows itself as the last value of a cell, and is a line of text elsewhere. */
export interface Displayable {
  /** What is shown where nothing but text can be. */
  toString(): string;
}

/** Makes a displayable from a bundle that is computed only when it is shown. */
export function displayable(bundle: () => Bundle | Promise<Bundle>, text: string): Displayable {
  return {
    toString: () => text,
    [Symbol.for("Jupyter.display")]: bundle,
    [Symbol.for("Deno.customInspect")]: () => text,
  } as Displayable;
}
