import { openBar, openCounter, type ProgressBar } from "./_bars.ts";
import { Slot } from "./_display.ts";

/** A loop that goes on, with a bar of its own. */
export class Loop {
  /** Those that are within each other, the outermost first. */
  static readonly #open: Loop[] = [];
  readonly #bar: ProgressBar;
  readonly #slot: Slot;
  /** Where the bars of loops within this one are, round after round. */
  #within: Slot | undefined;
  #inUse = false;
  #done = 0;

  constructor(label: string, total: number | undefined) {
    const outer = Loop.#open.at(-1);
    this.#slot = (outer && outer.#lend()) ?? new Slot();
    Loop.#open.push(this);
    this.#bar = total === undefined || total === 0
      ? openCounter(label, this.#slot)
      : openBar(total, label, this.#slot);
    void this.#bar.update(0);
  }

  /** Nobody waits for the bar: a loop that cannot wait has one too. */
  step(): void {
    void this.#bar.update(++this.#done);
  }

  end(): void {
    const at = Loop.#open.indexOf(this);
    Loop.#open.splice(at, 1);
    const outer = Loop.#open[at - 1];
    if (outer && outer.#within === this.#slot) outer.#inUse = false;
    void this.#bar.finish();
  }

  /** A place for a loop within, if it is free. */
  #lend(): Slot | undefined {
    if (this.#inUse) return undefined;
    this.#inUse = true;
    return this.#within ??= new Slot();
  }
}
