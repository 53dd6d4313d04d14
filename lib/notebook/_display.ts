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
  readonly #id = crypto.randomUUID();
  #shown = false;

  /**
   * Shows a bundle in place of the previous one. Outside a notebook there is no such place: the
   * last state is written as text once {@linkcode finish} is called.
   */
  async update(bundle: Bundle): Promise<void> {
    const content = {
      data: bundle,
      metadata: METADATA,
      transient: { display_id: this.#id },
    };
    await jupyter()?.broadcast(this.#shown ? "update_display_data" : "display_data", content);
    this.#shown = true;
  }

  /** Shows the last state. */
  async finish(bundle: Bundle): Promise<void> {
    await this.update(bundle);
    if (jupyter() !== undefined) return;
    const text = new TextEncoder().encode(`${bundle["text/plain"]}\n`);
    for (let done = 0; done < text.length;) done += await Deno.stdout.write(text.subarray(done));
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
