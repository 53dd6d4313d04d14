import type { Evaluator } from "../evaluator/mod.ts";
import { freeEventLoop, waitUntil } from "./_event_loop.ts";

/** How long a cell may take to notice the flag, before it is checked whether its event loop turns. */
const NOTICE_MS = 200;
/** A cell that goes on for so long after all this is reported to the user. */
const STUCK_MS = 2500;

/** The cell that runs or is about to, as far as interrupts care. */
export class RunningCell {
  readonly number: number;
  /** Resolves when it is interrupted before an evaluator has it. */
  readonly dropped: Promise<"dropped">;
  readonly #drop: (why: "dropped") => void;
  #evaluator: Evaluator | undefined;
  #over = false;
  #interrupts = 0;
  #terminated = false;
  #stuck = false;

  constructor(number: number) {
    this.number = number;
    const { promise, resolve } = Promise.withResolvers<"dropped">();
    this.dropped = promise;
    this.#drop = resolve;
  }

  /** The evaluator that has it; until then the cell can simply be dropped. */
  get evaluator(): Evaluator | undefined {
    return this.#evaluator;
  }

  get isInterrupted(): boolean {
    return this.#interrupts > 0;
  }

  /** Whether V8 was told to stop the JavaScript that runs. */
  get isTerminated(): boolean {
    return this.#terminated;
  }

  takenBy(evaluator: Evaluator): void {
    this.#evaluator = evaluator;
  }

  end(): void {
    this.#over = true;
  }

  /**
   * Stops the cell: by its flag and its pending awaits first; by V8's terminate only when the event
   * loop stands still, because that leaves a cell which awaits something hanging forever; and when
   * all of it did not help, the next interrupt ends the evaluator.
   *
   * @param tell shows a line in the cell
   */
  async interrupt(tell: (line: string) => void): Promise<void> {
    this.#interrupts++;
    const evaluator = this.#evaluator;
    if (!evaluator) return this.#drop("dropped");
    if (this.#interrupts > 1) {
      if (this.#stuck) evaluator.kill();
      return;
    }
    const isOver = () => this.#over || evaluator.death !== undefined;
    evaluator.sideChannel.interrupt(this.number);
    await waitUntil(isOver, NOTICE_MS);
    await freeEventLoop(evaluator, isOver, () => this.#terminated = true);
    // Stopped behind an await, a cell is a promise that never settles: V8 tells Deno's kernel of the
    // end only when it collects that promise.
    if (!isOver() && this.#terminated) evaluator.sideChannel.collect();
    await waitUntil(isOver, STUCK_MS);
    if (isOver()) return;
    this.#stuck = true;
    tell(
      "This cell does not stop. Interrupt it again to end the evaluator (its variables are lost), " +
        "or wait.",
    );
  }
}
